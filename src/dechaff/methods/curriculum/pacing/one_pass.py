"""One pass: parts of rising hardness, each trained on once and then left."""

from __future__ import annotations

from dataclasses import dataclass

from dechaff.methods.curriculum.pacing.pacing import Window, check_parts


@dataclass(frozen=True)
class OnePass:
    """The rows in `parts` equal parts of rising hardness: the first only, then the second only, and so on.

    What was learnt from easy rows may be forgotten.

    Source
    ------
    Bengio, Louradour, Collobert, Weston (2009), Curriculum learning, ICML; so named by Cirik, Hovy, Morency (2016),
    arXiv 1611.06204.

    Examples
    --------
    >>> OnePass(4)(0.3)
    Window(low=0.25, high=0.5)
    """

    parts: int = 5

    def __post_init__(self) -> None:
        check_parts(self.parts)

    def __call__(self, done: float) -> Window:
        """The window after the fraction `done` of the steps."""
        part = min(int(done * self.parts), self.parts - 1)
        return Window(part / self.parts, (part + 1) / self.parts)
