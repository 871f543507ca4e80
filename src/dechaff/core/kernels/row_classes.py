"""For each row of a matrix, the column that reaches its threshold, and whether another exceeds the given one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.checks import ROW_SUM_SLACK, check_labels, rows_are_fine
from dechaff.core.kernels.native import (
    Kernel,
    cells_of,
    codes_of,
    native_for,
    native_for_any_order,
    native_shares,
    numpy_shares,
    own_zeros,
    typed,
)
from dechaff.core.memory import room_for
from dechaff.core.picked import picked, row_max
from dechaff.errors import InputError
from dechaff.typing import Labels, Mask

_LABEL_OUT_OF_RANGE, PERHAPS_NOT_FINE = 1, 2
_LANES = 16
"""Numbers in the widest register: the thresholds of that many columns are read at once."""
_FEW_PAIRS = 2**14
"""Up to this many pairs each thread counts its own; more are counted afterwards, when adding them up would cost
more."""
_ROWS_AT_ONCE = 2**15

Reached = npt.NDArray[np.int32]


@dataclass(frozen=True)
class RowClasses:
    """What one pass over a matrix shows."""

    reached: Reached
    """(n,) as `reached_class`."""
    ahead: Mask
    """(n,) as `other_ahead`."""
    pairs: npt.NDArray[np.int64]
    """(k, k) as `pairs_counted`."""
    fine: bool
    """Whether every row is a distribution (`rows_are_fine`)."""


def row_classes(
    labels: Labels, values: npt.NDArray[Any], thresholds: npt.NDArray[Any], *, slack: float, of_reached: bool
) -> RowClasses:
    """`reached_class`, `other_ahead` and `pairs_counted`, while each row is in the cache.

    Examples
    --------
    >>> import numpy as np
    >>> values = np.array([[0.9, 0.1], [0.2, 0.8], [0.4, 0.6]])
    >>> found = row_classes(np.array([0, 0, 1]), values, np.array([0.5, 0.7]), slack=1e-6, of_reached=True)
    >>> found.reached, found.ahead, found.pairs.tolist(), found.fine
    (array([ 0,  1, -1], dtype=int32), array([False,  True, False]), [[1, 1], [0, 0]], True)
    """
    check_thresholds(values, thresholds)
    native = native_for_any_order(values)
    n, k = values.shape
    reached, ahead = room_for(n, np.int32), room_for(n, bool)
    if native is not None:
        return _native(native, _Request(codes_of(labels), values, thresholds, slack, of_reached), reached, ahead)

    def work(rows: slice) -> bool:
        reached[rows] = _reached_class(values[rows], thresholds, of_reached=of_reached)
        ahead[rows] = _other_ahead(labels[rows], values[rows], slack)
        return bool(rows_are_fine(values[rows]).all())

    fine = all(numpy_shares(work, values))
    return RowClasses(reached, ahead, pairs_counted(labels, reached, k), fine)


def reached_class(values: npt.NDArray[Any], thresholds: npt.NDArray[Any], *, of_reached: bool) -> Reached:
    """The column of each row whose number reaches its threshold, or -1 if none does.

    If several do: the largest of them, or the largest number of the row, whether or not it reaches its threshold; of
    equal ones the first.

    Parameters
    ----------
    values : (n, k) float
    thresholds : (k,) of the same type; above 0, infinite = out of reach.
    of_reached : bool
        Whether the largest is looked for among those that reach their thresholds.
    """
    check_thresholds(values, thresholds)
    native = native_for_any_order(values)
    if native is None:
        return _reached_class(values, thresholds, of_reached=of_reached)
    reached = room_for(len(values), np.int32)
    _call(native, _Request(None, values, thresholds, 0.0, of_reached), reached=reached)
    return reached


def other_ahead(labels: Labels, values: npt.NDArray[Any], *, slack: float) -> Mask:
    """Whether another number of each row is larger than the one at its label by more than the slack.

    If the largest is level with number and slack, whether it comes before the label.
    """
    native = native_for_any_order(values)
    if native is None:
        return _other_ahead(labels, values, slack)
    ahead = room_for(len(values), bool)
    thresholds = np.full(values.shape[1], np.inf, dtype=values.dtype)
    _call(native, _Request(codes_of(labels), values, thresholds, slack, True), ahead=ahead)
    return ahead


def all_fine(values: npt.NDArray[Any]) -> bool:
    """Whether every row is a distribution (`rows_are_fine`)."""
    native = native_for_any_order(values)
    if native is not None:
        thresholds = np.full(values.shape[1], np.inf, dtype=values.dtype)
        if not _call(native, _Request(None, values, thresholds, 0.0, True))[0]:
            return True
    return _all_fine(values)


def _all_fine(values: npt.NDArray[Any]) -> bool:
    return all(numpy_shares(lambda rows: bool(rows_are_fine(values[rows]).all()), values))


def pairs_counted(labels: Labels, reached: Reached, n_classes: int) -> npt.NDArray[np.int64]:
    """(k, k) counts of rows by label and by the column reached; rows that reach none (-1) do not count."""
    native = native_for()
    if native is None:
        return _pairs_counted(labels, reached, n_classes)
    pairs = np.zeros((n_classes, n_classes), dtype=np.int64)
    native("count_pairs", codes_of(labels), np.ascontiguousarray(reached), len(reached), n_classes, pairs)
    return pairs


def check_thresholds(values: npt.NDArray[Any], thresholds: npt.NDArray[Any]) -> None:
    """An InputError if there is not one for each column."""
    k = values.shape[1]
    if thresholds.shape != (k,):
        raise InputError(
            "thresholds", f"be {k} numbers, one per column", f"of shape {thresholds.shape}", "Pass as many."
        )


def _reached_class(values: npt.NDArray[Any], thresholds: npt.NDArray[Any], *, of_reached: bool) -> Reached:
    n, k = values.shape
    places = np.flatnonzero(values >= thresholds)  # about one per row, so that what follows touches few numbers
    rows = places // k
    best = np.full(n, -1, dtype=np.int32)
    best[rows] = places - rows * k
    again = rows[1:][rows[1:] == rows[:-1]]
    first = np.ones(len(again), dtype=bool)  # a row that reaches many classes comes again and again
    first[1:] = again[1:] != again[:-1]
    collided = again[first]
    several = values[collided]
    best[collided] = (np.where(several >= thresholds, several, -1) if of_reached else several).argmax(axis=1)
    return best


def _other_ahead(labels: Labels, values: npt.NDArray[Any], slack: float) -> Mask:
    given = picked(values, np.arange(len(labels)), labels) + values.dtype.type(slack)
    largest = row_max(values)
    ahead = np.asarray(largest > given)
    level = np.flatnonzero(largest == given)
    ahead[level] = values[level].argmax(axis=1) < labels[level]
    return ahead


def _pairs_counted(labels: Labels, reached: Reached, n_classes: int) -> npt.NDArray[np.int64]:
    cells = n_classes * n_classes
    step = max(_ROWS_AT_ONCE, cells)
    pairs = np.zeros(cells, dtype=np.int64)
    for start in range(0, len(reached), step):
        some = reached[start : start + step]
        counted = np.flatnonzero(some >= 0)
        pairs += np.bincount(labels[start + counted] * n_classes + some[counted], minlength=cells)
    return pairs.reshape(n_classes, n_classes)


@dataclass(frozen=True)
class _Request:
    labels: Labels | None
    values: npt.NDArray[Any]
    thresholds: npt.NDArray[Any]
    slack: float
    of_reached: bool


def padded(thresholds: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The thresholds, padded with infinite ones: native functions read a full register."""
    k = len(thresholds)
    wide = np.full(-(-k // _LANES) * _LANES, np.inf, dtype=thresholds.dtype)
    wide[:k] = thresholds
    return wide


def sums_miss(values: npt.NDArray[Any]) -> float:
    """Bound on the rounding error of the sum of a row in any order of summation; numpy checks the others."""
    return float(ROW_SUM_SLACK - (values.shape[1] + 8) * np.finfo(values.dtype).eps)


def _native(native: Kernel, request: _Request, reached: Reached, ahead: Mask) -> RowClasses:
    assert request.labels is not None
    k = request.values.shape[1]
    few = k * (k + 1) <= _FEW_PAIRS
    statuses, counted = _call(native, request, reached=reached, ahead=ahead, count=few)
    pairs = np.sum(counted, axis=0)[:, 1:].copy() if few else pairs_counted(request.labels, reached, k)
    fine = not statuses or _all_fine(request.values)
    return RowClasses(reached, ahead, pairs, fine)


def _call(
    native: Kernel, request: _Request, *, reached: Reached | None = None, ahead: Mask | None = None, count: bool = False
) -> tuple[int, list[npt.NDArray[np.int64]]]:
    """The native pass; a LabelsError if a label is not a column, and whether numpy must check the sums of rows."""
    values, labels, k = request.values, request.labels, request.values.shape[1]
    thresholds = padded(request.thresholds)

    def work(rows: slice) -> tuple[int, npt.NDArray[np.int64] | None]:
        pairs = own_zeros((k, k + 1)) if count else None
        codes = None if labels is None else labels[rows]
        options = (thresholds, request.slack, sums_miss(values), request.of_reached)
        answers = (None if answer is None else answer[rows] for answer in (reached, ahead))
        return native(typed("row_classes", values), codes, *cells_of(values[rows]), *options, *answers, pairs), pairs

    shares = native_shares(work, values)
    if labels is not None and any(status & _LABEL_OUT_OF_RANGE for status, _ in shares):
        check_labels(labels, k)
    perhaps = any(status & PERHAPS_NOT_FINE for status, _ in shares)
    return int(perhaps), [pairs for _, pairs in shares if pairs is not None]
