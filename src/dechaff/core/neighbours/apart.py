"""Which pairs of rows are not to be neighbours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dechaff.core.neighbours.comparable import Scores, Which


@dataclass(frozen=True)
class Apart:
    """Pairs that do not count: those of one code, and those with a row that cannot be compared."""

    left: npt.NDArray[np.int64] | None
    right: npt.NDArray[np.int64] | None
    left_usable: npt.NDArray[np.bool_]
    right_usable: npt.NDArray[np.bool_]

    def strike(self, scores: Scores, left: Which, right: slice) -> None:
        """Writes -inf over the pairs of a block that do not count."""
        if not self.left_usable[left].all():
            scores[~self.left_usable[left]] = -np.inf
        if not self.right_usable[right].all():
            scores[:, ~self.right_usable[right]] = -np.inf
        if self.left is not None and self.right is not None:
            rows, columns = equal_pairs(self.left[left], self.right[right])
            scores[rows, columns] = -np.inf


def equal_pairs(
    left: npt.NDArray[np.int64], right: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Places in two arrays of codes that hold the same code.

    Examples
    --------
    >>> equal_pairs(np.array([3, 5]), np.array([5, 4, 5]))
    (array([1, 1]), array([0, 2]))
    """
    ours = np.flatnonzero(np.isin(left, right))
    theirs = np.flatnonzero(np.isin(right, left[ours])) if len(ours) else ours
    rows, columns = np.nonzero(left[ours, None] == right[theirs])
    return ours[rows], theirs[columns]
