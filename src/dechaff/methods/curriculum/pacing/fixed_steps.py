"""Pacing in jumps: a fraction of the rows, then more at fixed times."""

from __future__ import annotations

from dataclasses import dataclass

from dechaff.methods.curriculum.pacing.pacing import Growth, check_parts


@dataclass(frozen=True)
class FixedSteps(Growth):
    """The fraction `start` of the rows, then equal jumps at equal distances; after the last one, at `full`, all rows.

    With one jump, the easy rows come first and all rows after the switch, as in the shapes of Bengio et al.

    Source
    ------
    Bengio, Louradour, Collobert, Weston (2009), Curriculum learning, ICML, section 5; Wu, Dyer, Neyshabur (2021),
    ICLR, "step".

    Examples
    --------
    >>> [FixedSteps(start=0.4, full=0.5)(done).high for done in (0.0, 0.49, 0.5)]
    [0.4, 0.4, 1.0]
    """

    jumps: int = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        check_parts(self.jumps)

    def _risen(self, done: float) -> float:
        return int(done * self.jumps) / self.jumps
