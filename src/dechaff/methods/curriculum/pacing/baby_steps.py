"""Baby steps: parts of rising hardness are added one by one."""

from __future__ import annotations

from dataclasses import dataclass

from dechaff.methods.curriculum.pacing.pacing import Window, check_parts


@dataclass(frozen=True)
class BabySteps:
    """The rows in `parts` equal parts of rising hardness: the first, then the first two, and so on, equally long each.

    Source
    ------
    Spitkovsky, Alshawi, Jurafsky (2010), From baby steps to leapfrog, NAACL; Cirik, Hovy, Morency (2016),
    arXiv 1611.06204. Differs: each stage takes as many steps, instead of until it has converged.

    Examples
    --------
    >>> [BabySteps(4)(done).high for done in (0.0, 0.3, 0.99)]
    [0.25, 0.5, 1.0]
    """

    parts: int = 5

    def __post_init__(self) -> None:
        check_parts(self.parts)

    def __call__(self, done: float) -> Window:
        """The window after the fraction `done` of the steps."""
        return Window(0.0, min(int(done * self.parts) + 1, self.parts) / self.parts)
