"""Pacing that grows fast first, and slowly in the end."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log

from dechaff.methods.curriculum.pacing.pacing import Growth


@dataclass(frozen=True)
class Logarithmic(Growth):
    """``start + (end - start) (1 + log(t / full + e^-10) / 10)``: most rows join at once.

    Source
    ------
    Wu, Dyer, Neyshabur (2021), When do curricula work?, ICLR, table 1.

    Examples
    --------
    >>> [round(Logarithmic(start=0.2, full=1.0)(done).high, 2) for done in (0.0, 0.01, 0.5)]
    [0.2, 0.63, 0.94]
    """

    def _risen(self, done: float) -> float:
        return min(1.0, 1 + log(done + exp(-10)) / 10)
