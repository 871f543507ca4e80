"""How far a row is from the nearest of a fixed number of reference rows: cheap for any number of rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.core.folds import random_keys
from dechaff.core.row_hash import row_hash
from dechaff.typing import Chunk, Numbers, Rows

REFERENCE_ROWS = 2_000
"""Rows that all others are compared with."""
NEIGHBOURS = 100
"""Of so many reference rows the distances are averaged: single outliers have no company, and small groups of them too
little."""
_LEAST_SHARE = 20
"""At least one in so many of the reference rows is a neighbour that counts, as long as there are fewer than 100."""
FOLDS = 5
_CONTENT = ("numbers", "codes", "vectors", "probs")
_LOOKED_AT, _MARGIN, _MARGIN_PLACES = 8, 1.6, 8
"""One reference row in eight says how far the nearest may be: so many times as many as needed, and a few more."""
_BLOCK = 256
"""Rows at a time, so that their distances stay in the cache."""


def content_folds(chunk: Chunk, *, seed: int) -> npt.NDArray[np.int64]:
    """(n,) the fold of each row, by its content alone: copies share one, in whatever order the rows stand."""
    return (_keys(chunk, seed) % np.uint64(FOLDS)).astype(np.int64)


def reference_rows(chunk: Chunk, *, seed: int, most: int = REFERENCE_ROWS) -> Rows:
    """The rows that others are compared with: all of them, or a random sample that only their content decides."""
    return np.argsort(_keys(chunk, seed + 1), kind="stable")[:most].astype(np.int64)


def _keys(chunk: Chunk, seed: int) -> npt.NDArray[np.uint64]:
    content = np.column_stack([chunk[name] for name in _CONTENT if name in chunk])
    return random_keys(row_hash(content), seed)


@dataclass(frozen=True)
class NeighbourDistance:
    """Mean distance of each row to the nearest reference rows of other folds.

    Rows of its own fold are left out, and with them the row itself and its copies; so rows in and outside the reference
    are treated alike. The distance is the sum of the differences over the columns; two categories that differ count as
    much as numbers that are one usual range apart.

    Parameters
    ----------
    numbers, codes, fold : (m, d), (m, c) and (m,) of the reference rows (`ScaledColumns.chunk`, `content_folds`)

    Source
    ------
    Angiulli, Pizzuti (2002), Fast outlier detection in high dimensional spaces, PKDD: the mean distance to the k
    nearest. Sugiyama, Borgwardt (2013), Rapid distance-based outlier detection via sampling, NIPS: to a sample of the
    rows. Differs: the reference rows are those of the other folds.

    Examples
    --------
    >>> reference, none = np.array([[0.0], [1.0], [2.0]]), np.zeros((3, 0))
    >>> near = NeighbourDistance(reference, none, np.array([0, 1, 2]))
    >>> near.rows({"numbers": np.array([[0.0], [9.0]]), "codes": none[:2], "fold": np.array([0, 3])})
    array([1., 7.])
    """

    numbers: npt.NDArray[np.float64]
    codes: npt.NDArray[np.float64]
    fold: npt.NDArray[np.int64]

    @property
    def columns(self) -> tuple[str, ...]:
        """The rows, and their folds."""
        return ("numbers", "codes", "fold")

    def rows(self, chunk: Chunk) -> Numbers:
        """(n,) the distances; 0 where there is no other row."""
        found, fold = np.zeros(len(chunk["fold"])), chunk["fold"]
        for one in np.unique(fold).tolist():
            mine, others = np.flatnonzero(fold == one), np.flatnonzero(self.fold != one)
            if len(others):
                reference = NeighbourDistance(self.numbers[others], self.codes[others], self.fold[others])
                for start in range(0, len(mine), _BLOCK):
                    some = mine[start : start + _BLOCK]
                    found[some] = reference._mean_of_nearest(chunk["numbers"][some], chunk["codes"][some])
        return found

    def _mean_of_nearest(self, numbers: npt.NDArray[Any], codes: npt.NDArray[Any]) -> Numbers:
        m = len(self.fold)
        count = min(NEIGHBOURS, -(-m // _LEAST_SHARE))
        apart = self._apart(numbers, codes)
        # Sorted, so that the sum has the same bits however a processor selects.
        return np.asarray(np.sort(_smallest(apart, count), axis=1).mean(axis=1))

    def _apart(self, numbers: npt.NDArray[Any], codes: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
        """(n, m) distances."""
        from scipy.spatial.distance import cdist  # here and not above: a quarter of a second at every start

        total = np.zeros((len(numbers), len(self.fold)))
        if numbers.shape[1]:
            total = cdist(numbers, self.numbers, metric="cityblock")
        if codes.shape[1]:
            total += cdist(codes, self.codes, metric="hamming") * codes.shape[1]
        return total


def _smallest(values: npt.NDArray[np.float64], count: int) -> npt.NDArray[np.float64]:
    """(n, count) the smallest numbers of each line, in any order.

    Some columns say below which number there are enough of them, so that most are never sorted.
    """
    width = values.shape[1]
    looked_at = width // _LOOKED_AT
    place = int(_MARGIN * count * looked_at / max(width, 1)) + _MARGIN_PLACES
    if place >= looked_at:
        return np.partition(values, count - 1, axis=1)[:, :count]
    below = values <= np.partition(values[:, :looked_at], place, axis=1)[:, place, None]
    counts = np.count_nonzero(below, axis=1)
    if int(counts.min()) < count:
        return np.partition(values, count - 1, axis=1)[:, :count]
    found = np.full((len(values), int(counts.max())), np.inf)
    found[np.arange(found.shape[1]) < counts[:, None]] = values[below]
    return np.partition(found, count - 1, axis=1)[:, :count]
