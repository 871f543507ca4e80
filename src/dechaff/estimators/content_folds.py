"""Folds made from what rows are and not from where they stand: equal rows and groups whole, kinds of rows spread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.core.groups import group_numbers, merged_groups
from dechaff.core.row_hash import Hashes, mixed

Folds = npt.NDArray[np.int64]

USUAL_FOLDS = 5


@dataclass(frozen=True)
class Units:
    """Rows that must not be cut apart: equal ones, and those of one group."""

    of_rows: npt.NDArray[np.int64]
    """(n,) the unit of each row."""
    names: Hashes
    """(m,) a name for each unit that depends on its content only."""

    @classmethod
    def of(cls, hashes: Hashes, groups: npt.NDArray[Any] | None = None) -> Units:
        """The units of rows with these hashes."""
        names, unit = np.unique(hashes, return_inverse=True)
        if groups is None:
            return cls(unit.astype(np.int64), names)
        group = np.unique(groups, return_inverse=True)[1]
        joined = group_numbers(merged_groups(unit, group))
        smallest = np.full(int(joined.max(initial=-1)) + 1, np.iinfo(np.uint64).max, dtype=np.uint64)
        np.minimum.at(smallest, joined, hashes)
        return cls(joined, smallest)

    def in_order(
        self, kinds: npt.NDArray[np.int64], weights: npt.NDArray[np.float64], *, seed: int
    ) -> tuple[npt.NDArray[np.int64], Hashes]:
        """The units as they are to be dealt: by kind, heaviest first, and by lot among those of equal weight.

        Parameters
        ----------
        kinds : (m,) int, at least 0
            Of each unit.
        weights : (n,) float, above 0
            How often each row counts.
        seed : decides the lots.

        Returns
        -------
        (m,) int, places of the units; and (m,) uint64, the lot of each, in that order

        Examples
        --------
        >>> units = Units.of(np.array([11, 12, 13, 11], dtype=np.uint64))
        >>> units.in_order(np.array([0, 0, 1]), np.ones(4), seed=0)[0]
        array([0, 1, 2])
        """
        # In float32, so that sums whose last digit depends on the order of the rows count as equal.
        weight = np.bincount(self.of_rows, weights).astype(np.float32)
        lot = mixed(self.names ^ mixed(np.array([seed % 2**64], dtype=np.uint64) + np.uint64(1)))
        order = _by_kind_and_weight(lot, kinds, weight)
        return order, lot[order]


def _by_kind_and_weight(
    lot: Hashes, kinds: npt.NDArray[np.int64], weight: npt.NDArray[np.float32]
) -> npt.NDArray[np.int64]:
    if weight.min() < weight.max():
        return np.lexsort((lot, -weight, kinds))
    # One sort instead of three: the kind in the highest bits, the lot below them.
    bits = max(1, int(kinds.max()).bit_length())
    return np.argsort((lot >> np.uint64(bits)) | (kinds.astype(np.uint64) << np.uint64(64 - bits)))
