"""Everything that confident learning computes of a row, given bounds of the thresholds, in one read of the row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_labels
from dechaff.core.codes import code_type, marked_counts
from dechaff.core.exact_sum import ExactSum
from dechaff.core.kernels.given_sums import GivenSums, given_sums, room_for_sums, total_of
from dechaff.core.kernels.native import Kernel, cells_of, codes_of, native_for_any_order, own_zeros, typed
from dechaff.core.kernels.row_classes import (
    PERHAPS_NOT_FINE,
    all_fine,
    check_thresholds,
    padded,
    pairs_counted,
    row_classes,
    sums_miss,
)
from dechaff.typing import Labels, Mask, Rows


@dataclass(frozen=True)
class ThresholdBounds:
    """Lower and upper bounds of the thresholds of the columns, and the margins above which other columns are kept."""

    low: npt.NDArray[Any]
    high: npt.NDArray[Any]
    """(k,) above 0, infinite = out of reach."""
    least: npt.NDArray[Any]
    """(k, k) margin over the given column above which a column is kept; rows = labels."""
    slack: float
    """How far another column must be ahead of the given one (`other_ahead`)."""


@dataclass(frozen=True)
class BoundedRows:
    """What one pass over labels and numbers shows."""

    others: npt.NDArray[np.float64]
    """(n,) one less the number at the label."""
    largest: npt.NDArray[Any]
    """(n,) the largest column of a doubted row, the first of equal ones; the label for any other row."""
    total: ExactSum
    """(k,) sums of the numbers at the labels, by label."""
    rows: npt.NDArray[np.int64]
    """(k,) rows of each label."""
    doubted: npt.NDArray[np.int64]
    """(k,) those of them that another column is ahead of."""
    pairs: npt.NDArray[np.int64]
    """(k, k) rows by label and by the largest column that reaches its threshold, if the bounds decide it."""
    unsettled: Rows
    """(u,) rows for which the bounds do not decide; they are in no pair."""
    above: MarginsAbove
    fine: bool
    """Whether every label is a column and every row a distribution; if not, nothing else is valid."""


@dataclass(frozen=True)
class MarginsAbove:
    """The columns of doubted rows whose margin over the given one is large, by row, then by column."""

    rows: Rows
    """(m,) the row of each."""
    columns: npt.NDArray[np.int32]
    margins: npt.NDArray[Any]
    """(m,) in the precision of the numbers."""


def bounded_rows(labels: Labels, values: npt.NDArray[Any], bounds: ThresholdBounds) -> BoundedRows:
    """What `given_sums` and `row_classes` return, as far as the bounds decide it, and the margins of other columns.

    Parameters
    ----------
    labels : (n,) int, 0 … k-1
    values : (n, k) float
    bounds : of the type of the values

    Examples
    --------
    >>> import numpy as np
    >>> bounds = ThresholdBounds(np.array([0.4, 0.4]), np.array([0.7, 0.7]), np.full((2, 2), 0.1), 1e-6)
    >>> found = bounded_rows(np.array([0, 0, 0]), np.array([[0.8, 0.2], [0.1, 0.9], [0.35, 0.65]]), bounds)
    >>> found.pairs.tolist(), found.unsettled, found.doubted, found.largest
    ([[1, 1], [0, 0]], array([2]), array([2, 0]), array([0, 1, 1], dtype=uint8))
    >>> found.above.rows, found.above.columns, found.above.margins
    (array([1, 2]), array([1, 1], dtype=int32), array([0.8, 0.3]))
    """
    for thresholds in (bounds.low, bounds.high):
        check_thresholds(values, thresholds)
    native = native_for_any_order(values)
    return _bounded_rows(labels, values, bounds) if native is None else _native(native, labels, values, bounds)


def _bounded_rows(labels: Labels, values: npt.NDArray[Any], bounds: ThresholdBounds) -> BoundedRows:
    k = values.shape[1]
    picked = given_sums(labels, values)
    if not picked.fine:
        check_labels(labels, k)
    found = row_classes(labels, values, bounds.low, slack=bounds.slack, of_reached=True)
    reached = np.maximum(found.reached, 0)
    # The largest column of those that reach the low thresholds is also that of the high ones, if it reaches its own.
    at_column = values[np.arange(len(values)), reached]
    unsettled = np.flatnonzero((found.reached >= 0) & ~(at_column >= bounds.high[reached]))
    settled = found.pairs - pairs_counted(labels[unsettled], found.reached[unsettled], k)
    above, largest = _above(labels, values, picked, found.ahead, bounds.least)
    return BoundedRows(
        1 - picked.given.astype(np.float64),
        largest.astype(code_type(k)),
        picked.total,
        picked.rows,
        marked_counts(labels, found.ahead, k),
        settled,
        unsettled,
        above,
        picked.fine and found.fine,
    )


def _above(
    labels: Labels, values: npt.NDArray[Any], picked: GivenSums, marked: Mask, least: npt.NDArray[Any]
) -> tuple[MarginsAbove, Labels]:
    some, largest = np.flatnonzero(marked), np.array(labels, dtype=np.int64)
    block = values[some]
    largest[some] = block.argmax(axis=1)
    with np.errstate(invalid="ignore"):  # infinite numbers have no margin
        margins = block - picked.given[some][:, None]
    places, columns = np.nonzero(margins > least[labels[some]])
    return MarginsAbove(some[places], columns.astype(np.int32), margins[places, columns]), largest


def _native(native: Kernel, labels: Labels, values: npt.NDArray[Any], bounds: ThresholdBounds) -> BoundedRows:
    n, k = values.shape
    others, largest = np.empty(n), np.empty(n, dtype=code_type(k))
    sums, pairs, doubted = room_for_sums(k), own_zeros((k, k + 1)), own_zeros((k,))
    room = n * k + 1  # written before it is known whether it is kept; unwritten memory costs nothing
    unsettled, counts = np.empty(n + 1, dtype=np.int32), np.zeros(2, dtype=np.int64)
    rows, columns, margins = (np.empty(room, dtype=kind) for kind in (np.int32, np.int32, values.dtype))
    thresholds = (padded(bounds.low), bounds.slack, sums_miss(values), np.ascontiguousarray(bounds.high))
    answers = (others, largest, largest.itemsize, sums, len(sums), pairs, doubted, unsettled, rows, columns, margins)
    options = (*thresholds, np.ascontiguousarray(bounds.least), *answers, counts)
    status = native(typed("bounded_rows", values), codes_of(labels), *cells_of(values), *options)
    if status & ~PERHAPS_NOT_FINE:
        check_labels(labels, k)
    n_unsettled, n_above = counts.tolist()
    above = MarginsAbove(rows[:n_above].astype(np.int64), columns[:n_above].copy(), margins[:n_above].copy())
    total, of_label = total_of(sums)
    settled, some = pairs[:, 1:].copy(), unsettled[:n_unsettled].astype(np.int64)
    fine = not status or all_fine(values)
    return BoundedRows(others, largest, total, of_label, doubted.copy(), settled, some, above, fine)
