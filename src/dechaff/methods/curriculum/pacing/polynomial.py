"""Pacing by a power of the time: root, linear, quadratic."""

from __future__ import annotations

from dataclasses import dataclass

from dechaff.errors import InputError
from dechaff.methods.curriculum.pacing.pacing import Growth


@dataclass(frozen=True)
class Polynomial(Growth):
    """``start + (end - start) (t / full)^power``: with power 1/2 the set grows early, with 2 late.

    Source
    ------
    Wu, Dyer, Neyshabur (2021), When do curricula work?, ICLR, table 1: root, linear and quadratic.

    Examples
    --------
    >>> [round(Polynomial(start=0.2, full=1.0, power=power)(0.25).high, 2) for power in (0.5, 1, 2)]
    [0.6, 0.4, 0.25]
    """

    power: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.power > 0:
            raise InputError("the pacing's power", "be above 0", f"{self.power:g}", "Use 0.5, 1 or 2.")

    def _risen(self, done: float) -> float:
        return float(done**self.power)


ROOT, LINEAR, QUADRATIC = Polynomial(power=0.5), Polynomial(power=1.0), Polynomial(power=2.0)
