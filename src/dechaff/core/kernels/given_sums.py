"""One number of each row, at its label, and the exact sums of them by label."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.core.exact_sum import ExactSum, exact_sum_by, exact_zero
from dechaff.core.kernels.native import (
    Kernel,
    cells_of,
    codes_of,
    native_for_any_order,
    native_shares,
    numpy_shares,
    own_zeros,
    typed,
)
from dechaff.core.memory import room_for
from dechaff.core.picked import picked
from dechaff.typing import Labels

_WHOLE, _PART, _ROWS = 0, 1, 2
_FIELDS = 4
_COPIES_OF_FEW, _FEW = 4, 64
"""Tables of sums per thread if there are few labels: in a single one, rows of one label would wait for each other."""


@dataclass(frozen=True)
class GivenSums:
    """What one pass over labels and numbers shows."""

    given: npt.NDArray[Any]
    """(n,) the number of each row at its label, in the precision of the numbers."""
    total: ExactSum
    """(k,) sums of them by label."""
    rows: npt.NDArray[np.int64]
    """(k,) rows of each label."""
    fine: bool
    """Whether every label is a column, and every number picked is from 0 to 2; if not, nothing else is valid."""


def given_sums(labels: Labels, values: npt.NDArray[Any]) -> GivenSums:
    """``values[i, labels[i]]`` of each row, summed by label in fixed point: the same bits in any order of rows.

    Examples
    --------
    >>> import numpy as np
    >>> found = given_sums(np.array([0, 1, 1]), np.array([[0.5, 0.5], [0.25, 0.75], [0.0, 1.0]]))
    >>> found.given, found.total.value(), found.rows, found.fine
    (array([0.5 , 0.75, 1.  ]), array([0.5 , 1.75]), array([1, 2]), True)
    """
    native = native_for_any_order(values)
    return _given_sums(labels, values) if native is None else _native(native, labels, values)


def _given_sums(labels: Labels, values: npt.NDArray[Any]) -> GivenSums:
    n, k = values.shape
    if n and not 0 <= labels.min() <= labels.max() < k:
        return GivenSums(np.zeros(n, dtype=values.dtype), exact_zero(k), np.zeros(k, dtype=np.int64), fine=False)
    given = np.empty(n, dtype=values.dtype)

    def pick(rows: slice) -> bool:
        some = picked(values[rows], np.arange(rows.stop - rows.start), labels[rows])
        given[rows] = some
        return bool(((some >= 0) & (some < 2)).all())

    fine = all(numpy_shares(pick, values))
    total = exact_sum_by(labels, given, k) if fine else exact_zero(k)
    return GivenSums(given, total, np.bincount(labels, minlength=k), fine)


def _native(native: Kernel, labels: Labels, values: npt.NDArray[Any]) -> GivenSums:
    codes, given = codes_of(labels), room_for(len(values), values.dtype)

    def work(rows: slice) -> tuple[int, npt.NDArray[np.int64]]:
        sums = room_for_sums(values.shape[1])
        options = (given[rows], sums, len(sums))
        return native(typed("given_sums", values), codes[rows], *cells_of(values[rows]), *options), sums

    shares = native_shares(work, values)
    total, rows = total_of(np.concatenate([sums for _, sums in shares]))
    return GivenSums(given, total, rows, fine=not any(status for status, _ in shares))


def room_for_sums(n_classes: int) -> npt.NDArray[np.int64]:
    """Zeros for a thread to sum up in, as several tables of k rows."""
    return own_zeros((_COPIES_OF_FEW if n_classes <= _FEW else 1, n_classes, _FIELDS))


def total_of(tables: npt.NDArray[np.int64]) -> tuple[ExactSum, npt.NDArray[np.int64]]:
    """The sums by label in all such tables together, and the rows of each label."""
    sums = tables.sum(axis=0)
    return ExactSum(sums[:, _WHOLE].copy(), sums[:, _PART].copy()), sums[:, _ROWS].copy()
