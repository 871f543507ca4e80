"""Rows that a fold keeps until it has all of them: the state of methods that compare rows with one another.

The state is a tuple of pieces, one for each run of rows that was seen, in the order of rows; a piece is a tuple of
arrays, the numbers of its rows first. Two states are merged without copying a row.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Piece = tuple[npt.NDArray[Any], ...]
Gathered = tuple[Piece, ...]


def gathered(left: Gathered, right: Gathered) -> Gathered:
    """The pieces of both states, in the order of their first rows; pieces without rows are left out.

    Examples
    --------
    >>> import numpy as np
    >>> gathered(((np.array([4, 5]),),), ((np.array([1]),), (np.array([], dtype=int),)))
    ((array([1]),), (array([4, 5]),))
    """
    return tuple(sorted((piece for piece in left + right if len(piece[0])), key=lambda piece: int(piece[0][0])))


def in_one(pieces: Gathered, *types: npt.DTypeLike) -> Piece:
    """The arrays of all pieces, one after the other; of these types if there are none.

    Examples
    --------
    >>> import numpy as np
    >>> in_one(((np.array([1]), np.array([0.5])), (np.array([3]), np.array([0.25]))), np.int64, np.float64)
    (array([1, 3]), array([0.5 , 0.25]))
    """
    if not pieces:
        return tuple(np.empty(0, dtype=one) for one in types)
    return tuple(
        np.concatenate(arrays).astype(one, copy=False)
        for arrays, one in zip(zip(*pieces, strict=True), types, strict=True)
    )
