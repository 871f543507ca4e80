"""From pairs of rows to groups of rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
import numpy.typing as npt

from dechaff.typing import Axes, Chunk, Groups

Pairs = Annotated[npt.NDArray[np.int64], Axes("pairs 2")]
"""Two rows that belong together, the smaller position first."""
PairScore = Annotated[npt.NDArray[np.float64], Axes("pairs")]
"""How much alike the two rows of each pair are, in [0, 1]."""
_Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Linked:
    """The rows that stand in any pair, in ascending order, each with the least row that pairs tie it to.

    It weighs 16 bytes a row that is tied, and nothing for all others: groups of a stream of any length.
    """

    rows: _Rows
    least: _Rows

    def least_of(self, rows: _Rows) -> _Rows:
        """The least row of the group of each row; the row itself where it is in none."""
        if len(self.rows) == 0:
            return rows
        place = np.minimum(np.searchsorted(self.rows, rows), len(self.rows) - 1)
        return np.where(self.rows[place] == rows, self.least[place], rows)

    def groups(self, n_rows: int) -> Groups:
        """Number of the group of each of so many rows, in the order of their first rows; -1 for rows in none."""
        groups = np.full(n_rows, -1, dtype=np.int64)
        groups[self.rows] = np.unique(self.least, return_inverse=True)[1]
        return groups


@dataclass(frozen=True)
class LinkedRows:
    """Union-find as a fold over ``pairs``: forests of different pairs merge into the forest of all.

    Every tree is one node deep, so that the same groups are the same bits, whatever the order of the pairs.
    """

    columns: ClassVar[tuple[str, ...]] = ("pairs",)
    keyed_by: ClassVar[str | None] = None

    def init(self) -> Linked:
        """No pairs."""
        return Linked(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))

    def update(self, state: Linked, chunk: Chunk) -> Linked:
        """Some more pairs, in any order of their rows."""
        return _linked(np.concatenate([np.stack([state.rows, state.least], axis=1), chunk["pairs"]]))

    def merge(self, left: Linked, right: Linked) -> Linked:
        """The pairs of both."""
        return self.update(left, {"pairs": np.stack([right.rows, right.least], axis=1)})

    def finalize(self, state: Linked) -> Linked:
        """The state as it is."""
        return state


def linked_groups(pairs: Pairs, n_rows: int) -> Groups:
    """The groups that the pairs tie together, also over several steps; numbered by their first row.

    Parameters
    ----------
    pairs : (m, 2) int64, positions of rows
    n_rows : number of rows

    Returns
    -------
    (n,) int64
        -1 for rows in no pair.

    Examples
    --------
    >>> linked_groups(np.array([[3, 1], [1, 4]]), 6)
    array([-1,  0, -1,  0,  0, -1])
    """
    return _linked(pairs).groups(n_rows)


def group_pairs(groups: Groups) -> Pairs:
    """Pairs that tie each group together: every row with the first row of its group.

    Examples
    --------
    >>> group_pairs(np.array([0, -1, 0, 0])).tolist()
    [[0, 2], [0, 3]]
    """
    rows = np.flatnonzero(groups >= 0)
    _, first, member = np.unique(groups[rows], return_index=True, return_inverse=True)
    pairs = np.stack([rows[first[member]], rows], axis=1) if len(rows) else np.empty((0, 2), dtype=np.int64)
    return np.asarray(pairs[pairs[:, 0] != pairs[:, 1]], dtype=np.int64)


def _linked(pairs: Pairs) -> Linked:
    """The larger root is hung on the smaller one, for all pairs at once; then paths are halved until they are short."""
    rows, place = np.unique(pairs, return_inverse=True)
    one, other = place.reshape(pairs.shape).T
    root = np.arange(len(rows))
    while len(one):
        np.minimum.at(root, np.maximum(one, other), np.minimum(one, other))
        while not np.array_equal(halved := root[root], root):
            root = halved
        one, other = root[one], root[other]
        apart = one != other
        one, other = one[apart], other[apart]
    return Linked(rows, rows[root])
