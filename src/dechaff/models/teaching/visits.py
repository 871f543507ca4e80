"""Order, number and step size of the visits of rows in online learning."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from dechaff.core.row_hash import mixed, row_hash
from dechaff.errors import InputError

MOST_VISITS = 100_000_000
"""Most visits per pass; sample weights with a larger sum are not repetitions."""

Columns = npt.NDArray[np.intp] | slice
RowReader = Callable[[int], tuple[Columns, npt.NDArray[np.float64]]]


@dataclass(frozen=True)
class Visits:
    """The visits of one pass."""

    rows: npt.NDArray[np.int64]
    """(v,) row of each visit."""
    steps: npt.NDArray[np.float64]
    """(v,) factor of the step size at each visit."""

    def shuffled(self, random: np.random.RandomState) -> Visits:
        """The same visits in random order."""
        order = random.permutation(len(self.rows))
        return Visits(self.rows[order], self.steps[order])


def row_reader(features: Any) -> RowReader:
    """A function from a row number to its columns and values; all columns if the features are dense."""
    if not sparse.issparse(features):
        return lambda row: (slice(None), features[row])
    start, columns, values = features.indptr, features.indices, features.data
    return lambda row: (columns[start[row] : start[row + 1]], values[start[row] : start[row + 1]])


def visits_in_order(weights: npt.NDArray[np.float64]) -> Visits:
    """Each row of weight above 0 once, in the given order; a row of weight 3 takes a step three times as long."""
    rows = np.flatnonzero(weights > 0).astype(np.int64)
    return Visits(rows, weights[rows])


def visits_by_content(features: Any, codes: npt.NDArray[np.int64], weights: npt.NDArray[np.float64]) -> Visits:
    """Visits that depend on row content, not on row order; a row of weight 3 is visited three times.

    The weights of duplicate rows of one class are summed; a sum of 2.5 gives three visits of 5/6 of a step each. Visits
    are ordered by hash: pseudo-random, and the same for any order of the rows.

    Parameters
    ----------
    features : (n, d) array or CSR matrix
    codes : (n,) int
        Classes.
    weights : (n,) float, 0 or more

    Raises
    ------
    InputError
        If the weights sum to more visits than one pass may have.
    """
    used = np.flatnonzero(weights > 0)
    # Hashed again, because otherwise rows that differ only in their class would always be adjacent.
    names = mixed(row_hash(features[used]) + mixed(codes[used].astype(np.uint64) + np.uint64(1)))
    _, first, which = np.unique(names, return_index=True, return_inverse=True)
    # Rounded, so that 0.1 + 0.2 gives the same number of visits as 0.3.
    total = np.bincount(which, weights[used]).round(9)
    copies = np.maximum(np.ceil(total), 1)
    if copies.sum() > MOST_VISITS:
        raise InputError(
            "sample_weight",
            f"sum to at most {MOST_VISITS:,}, because a row of weight 3 is visited three times per pass",
            f"a sum of {weights.sum():.4g}",
            "Divide the weights by their mean.",
        )
    times = copies.astype(np.int64)
    return Visits(np.repeat(used[first], times), np.repeat(total / copies, times))
