"""Union-find: from pairs of rows, or of hashes of rows, to groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import numpy as np
import numpy.typing as npt

from dechaff.typing import Axes, Chunk, Groups

Pairs = Annotated[npt.NDArray[np.int64], Axes("pairs 2")]
"""Two rows that belong together, the smaller position first."""
PairScore = Annotated[npt.NDArray[np.float64], Axes("pairs")]
"""How much alike the two rows of each pair are, in [0, 1]."""
Keys = npt.NDArray[Any]
"""Positions or hashes of rows: any integers."""


@dataclass(frozen=True)
class DisjointSets:
    """The keys that occur in any pair, in ascending order, each with the smallest key of its group.

    Takes 16 bytes per key in a pair, and nothing for all others: groups of a stream of any length.
    """

    keys: Keys
    least: Keys

    def least_of(self, keys: Keys) -> Keys:
        """The smallest key of the group of each key; the key itself if it is in no pair."""
        if len(self.keys) == 0:
            return keys
        place = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[place] == keys, self.least[place], keys)

    def groups(self, n_rows: int) -> Groups:
        """If keys are rows: the number of the group of each row, in the order of first rows; -1 for rows in no pair."""
        groups = np.full(n_rows, -1, dtype=np.int64)
        groups[self.keys] = np.unique(self.least, return_inverse=True)[1]
        return groups


@dataclass(frozen=True)
class UnionFind:
    """Union-find as a fold over ``pairs``: the sets of different pairs merge into the sets of all pairs.

    Every tree is one node deep, so the same groups have the same bits, whatever the order of the pairs.

    Parameters
    ----------
    hashes : True if keys are hashes (uint64) rather than positions (int64).
    """

    hashes: bool = False
    columns: ClassVar[tuple[str, ...]] = ("pairs",)
    keyed_by: ClassVar[str | None] = None

    def init(self) -> DisjointSets:
        """No pairs."""
        none = np.empty(0, dtype=np.uint64 if self.hashes else np.int64)
        return DisjointSets(none, none)

    def update(self, state: DisjointSets, chunk: Chunk) -> DisjointSets:
        """Some more pairs, in any order of their keys."""
        return _joined(np.concatenate([np.stack([state.keys, state.least], axis=1), chunk["pairs"]]))

    def merge(self, left: DisjointSets, right: DisjointSets) -> DisjointSets:
        """The pairs of both."""
        return self.update(left, {"pairs": np.stack([right.keys, right.least], axis=1)})

    def finalize(self, state: DisjointSets) -> DisjointSets:
        """The state as it is."""
        return state


def connected_groups(pairs: Pairs, n_rows: int) -> Groups:
    """The groups of rows that are connected by pairs, also over several steps; numbered by their first row.

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
    >>> connected_groups(np.array([[3, 1], [1, 4]]), 6)
    array([-1,  0, -1,  0,  0, -1])
    """
    return _joined(pairs).groups(n_rows)


def group_pairs(groups: Groups) -> Pairs:
    """Pairs that connect each group: every row with the first row of its group.

    Examples
    --------
    >>> group_pairs(np.array([0, -1, 0, 0])).tolist()
    [[0, 2], [0, 3]]
    """
    rows = np.flatnonzero(groups >= 0)
    _, first, member = np.unique(groups[rows], return_index=True, return_inverse=True)
    pairs = np.stack([rows[first[member]], rows], axis=1) if len(rows) else np.empty((0, 2), dtype=np.int64)
    return np.asarray(pairs[pairs[:, 0] != pairs[:, 1]], dtype=np.int64)


def merged_groups(*groupings: Groups) -> Groups:
    """Rows that any of the groupings connects, directly or in a chain; -1 = alone.

    Examples
    --------
    >>> merged_groups(np.array([0, 0, -1, -1]), np.array([-1, 7, 7, -1]))
    array([ 0,  0,  0, -1])
    """
    return connected_groups(np.concatenate([group_pairs(groups) for groups in groupings]), len(groupings[0]))


def group_numbers(groups: Groups) -> Groups:
    """The groups numbered from 0 in the order of their first rows, with a number of its own for each row that is alone.

    Examples
    --------
    >>> group_numbers(np.array([-1, 7, -1, 7]))
    array([0, 1, 2, 1])
    """
    first = np.arange(len(groups))
    pairs = group_pairs(groups)
    first[pairs[:, 1]] = pairs[:, 0]
    return np.unique(first, return_inverse=True)[1].astype(np.int64)


def _joined(pairs: Keys) -> DisjointSets:
    """The larger root is hung on the smaller one, for all pairs at once; then paths are halved until they are short."""
    keys, place = np.unique(pairs, return_inverse=True)
    one, other = place.reshape(pairs.shape).T
    root = np.arange(len(keys))
    while len(one):
        np.minimum.at(root, np.maximum(one, other), np.minimum(one, other))
        while not np.array_equal(halved := root[root], root):
            root = halved
        one, other = root[one], root[other]
        apart = one != other
        one, other = one[apart], other[apart]
    return DisjointSets(keys, keys[root])
