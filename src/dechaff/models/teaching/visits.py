"""In which order, how often, and with how large a share of a step online learning sees each row."""

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
"""More visits in one pass than that would not end; weights that large mean something else than repetition."""

Columns = npt.NDArray[np.intp] | slice
RowReader = Callable[[int], tuple[Columns, npt.NDArray[np.float64]]]


@dataclass(frozen=True)
class Visits:
    """One pass: the row of each visit, and the share of a full step that it takes."""

    rows: npt.NDArray[np.int64]
    shares: npt.NDArray[np.float64]

    def shuffled(self, random: np.random.RandomState) -> Visits:
        """The same visits in another order."""
        order = random.permutation(len(self.rows))
        return Visits(self.rows[order], self.shares[order])


def row_reader(features: Any) -> RowReader:
    """A function from a row's number to its columns and values; all columns where the features are dense."""
    if not sparse.issparse(features):
        return lambda row: (slice(None), features[row])
    start, columns, values = features.indptr, features.indices, features.data
    return lambda row: (columns[start[row] : start[row + 1]], values[start[row] : start[row + 1]])


def visits_in_order(weights: npt.NDArray[np.float64]) -> Visits:
    """Each row once, as it comes; a row of weight 3 takes a step three times as long."""
    rows = np.flatnonzero(weights > 0).astype(np.int64)
    return Visits(rows, weights[rows])


def visits_by_content(features: Any, codes: npt.NDArray[np.int64], weights: npt.NDArray[np.float64]) -> Visits:
    """Visits that depend on what the rows hold, not on where they stand: a weight of 3 is the row three times.

    Equal rows of one class are taken together, their weights added; a total of 2.5 makes three visits with 5/6 of a
    step each. The order is that of hash values, as good as random and the same for the same rows in any order.

    Parameters
    ----------
    features : (n, d) array or CSR matrix
    codes : (n,) int
        Classes.
    weights : (n,) float, 0 or more

    Raises
    ------
    InputError
        Where the weights add up to more visits than one pass can make.
    """
    used = np.flatnonzero(weights > 0)
    # Mixed once more, or rows that differ in the class alone would always stand side by side.
    names = mixed(row_hash(features[used]) + mixed(codes[used].astype(np.uint64) + np.uint64(1)))
    _, first, which = np.unique(names, return_index=True, return_inverse=True)
    # Rounded, because 0.1 + 0.2 must not make one visit more than 0.3.
    total = np.bincount(which, weights[used]).round(9)
    copies = np.maximum(np.ceil(total), 1)
    if copies.sum() > MOST_VISITS:
        raise InputError(
            "sample_weight",
            f"add up to at most {MOST_VISITS:,}, because a row of weight 3 is visited three times in a pass",
            f"a sum of {weights.sum():.4g}",
            "Divide the weights by their mean.",
        )
    times = copies.astype(np.int64)
    return Visits(np.repeat(used[first], times), np.repeat(total / copies, times))
