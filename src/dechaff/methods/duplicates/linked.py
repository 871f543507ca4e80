"""From pairs of rows to groups of rows."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import numpy.typing as npt

from dechaff.methods.duplicates.equal_rows import equal_rows
from dechaff.typing import Axes, Groups

Pairs = Annotated[npt.NDArray[np.int64], Axes("pairs 2")]
"""Two rows that belong together, the smaller position first."""
PairScore = Annotated[npt.NDArray[np.float64], Axes("pairs")]
"""How much alike the two rows of each pair are, in [0, 1]."""


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
    if len(pairs) == 0:
        return np.full(n_rows, -1, dtype=np.int64)
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    graph = coo_matrix((np.ones(len(pairs), dtype=np.int8), (pairs[:, 0], pairs[:, 1])), shape=(n_rows, n_rows))
    return equal_rows(connected_components(graph, directed=False)[1].astype(np.int64))


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
