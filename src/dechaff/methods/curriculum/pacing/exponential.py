"""Pacing that grows slowly first, and fast in the end."""

from __future__ import annotations

from dataclasses import dataclass
from math import expm1

from dechaff.methods.curriculum.pacing.pacing import Growth


@dataclass(frozen=True)
class Exponential(Growth):
    """``start + (end - start) (e^(10 t / full) - 1) / (e^10 - 1)``: most rows join shortly before `full`.

    Source
    ------
    Wu, Dyer, Neyshabur (2021), When do curricula work?, ICLR, table 1.

    Examples
    --------
    >>> [round(Exponential(start=0.2, full=1.0)(done).high, 2) for done in (0.0, 0.5, 0.9)]
    [0.2, 0.21, 0.49]
    """

    def _risen(self, done: float) -> float:
        return expm1(10 * done) / expm1(10)
