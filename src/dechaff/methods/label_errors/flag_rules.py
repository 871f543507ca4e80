"""Which rows are flagged, once all of them have been scored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np
import numpy.typing as npt

from dechaff.core.nth_largest import Cut
from dechaff.typing import Chunk

FLAG_ODDS = 0.8
"""Odds of the suggested class against the given one, from which on a row is flagged where the posteriors can be taken
at their word."""


class FlagRule(Protocol):
    """A row map to flags."""

    columns: ClassVar[tuple[str, ...]]

    def rows(self, chunk: Chunk) -> npt.NDArray[np.bool_]:
        """Whether each row is flagged."""


@dataclass(frozen=True)
class FlagLikely:
    """Flags rows in which another class is nearly as probable as the given one: F1 is best below one half."""

    columns: ClassVar[tuple[str, ...]] = ("log_odds", "suggested_prob")

    def rows(self, chunk: Chunk) -> npt.NDArray[np.bool_]:
        """Whether each row is flagged."""
        return np.asarray(chunk["suggested_prob"] > FLAG_ODDS * (1 - score_of(chunk["log_odds"])))


@dataclass(frozen=True)
class FlagTop:
    """Flags the rows of highest log-odds, ties by row number, where the model itself prefers another class."""

    cut: Cut
    columns: ClassVar[tuple[str, ...]] = ("row", "log_odds", "doubted")

    def rows(self, chunk: Chunk) -> npt.NDArray[np.bool_]:
        """Whether each row is flagged."""
        return self.cut.above(chunk["log_odds"], chunk["row"]) & chunk["doubted"]


def score_of(log_odds: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Probabilities, without the import of scipy; log-odds that grow as a logarithm beyond 20 do not overflow.

    Examples
    --------
    >>> score_of(np.array([0.0]))
    array([0.5])
    """
    score = np.negative(log_odds)
    np.exp(score, out=score)
    score += 1
    return np.reciprocal(score, out=score)
