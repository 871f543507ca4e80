"""For each pair of columns, the rows with the largest margin of one column over the given one, as many as are
wanted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.core.class_rows import class_rows
from dechaff.core.kernels.native_leading_rows import native_leading_rows
from dechaff.core.kernels.shares import native_for
from dechaff.core.picked import picked
from dechaff.core.top_rows import top_rows
from dechaff.errors import InputError
from dechaff.typing import Labels, Mask, Rows

_CELLS_AT_ONCE = 2**20
_ROWS_AT_ONCE = 2**12

Wanted = npt.NDArray[np.int64]


def leading_rows(labels: Labels, values: npt.NDArray[Any], marked: Mask, wanted: Wanted, *, lead: float) -> Mask:
    """For each pair of label and other column, the rows of the label in which the other one leads by most.

    Among equal ones the first come first; of the rows due to a pair, only the marked ones are chosen. They come
    before all others of their label as long as the other column leads by more than `lead`, which makes this fast: the
    pairs are chosen among the marked rows, and the whole label is ranked only for a pair that wants more.

    Parameters
    ----------
    labels : (n,) int, 0 … k-1
    values : (n, k) float
    marked : (n,) bool
        No other row may have a column whose margin is above `lead`.
    wanted : (k, k) int
        Rows to choose of each label (row) and other column; the diagonal is ignored.
    lead : float, at least 0

    Examples
    --------
    >>> import numpy as np
    >>> values, marked = np.array([[0.1, 0.9], [0.4, 0.6], [0.2, 0.8]]), np.ones(3, dtype=bool)
    >>> leading_rows(np.array([0, 0, 0]), values, marked, np.array([[0, 2], [0, 0]]), lead=0.0)
    array([ True, False,  True])
    """
    k = values.shape[1]
    if wanted.shape != (k, k):
        raise InputError("wanted", f"be ({k}, {k}), for each pair of columns", f"{wanted.shape}", "Pass as many.")
    native = native_for(values)
    if native is None:
        return _leading_rows(labels, values, marked, wanted, lead)
    return native_leading_rows(native, labels, values, marked, wanted, lead)


def _leading_rows(labels: Labels, values: npt.NDArray[Any], marked: Mask, wanted: Wanted, lead: float) -> Mask:
    k = values.shape[1]
    found = _Found(np.zeros(len(labels), dtype=bool), np.zeros((k, k), dtype=bool))
    places = np.flatnonzero(marked)
    by_label = class_rows(labels[places], k)
    for label in np.flatnonzero(np.diff(by_label.starts)).tolist():
        rows = places[by_label.of(label)]
        given = picked(values, rows, np.full(len(rows), label))
        for pairs in _pairs(label, wanted[label], len(rows)):
            _choose(found, rows, _margins(values, given, rows, pairs.others), pairs, lead)
    _choose_by_rank(found, labels, values, marked, wanted)
    return found.chosen & marked


@dataclass(frozen=True)
class _Found:
    chosen: Mask
    fewer: npt.NDArray[np.bool_]
    """(k, k) the pairs with fewer leading rows than are wanted."""


@dataclass(frozen=True)
class _Pairs:
    """Some columns that rows of one label may belong to, and how many rows are wanted for each of them."""

    label: int
    others: npt.NDArray[np.int64]
    wanted: npt.NDArray[np.int64]


def _pairs(label: int, wanted: npt.NDArray[np.int64], n_rows: int) -> Iterator[_Pairs]:
    """The pairs of a label that want rows, in groups small enough for their margins to fit."""
    others = np.flatnonzero(wanted > 0)
    others = others[others != label]
    step = max(1, _CELLS_AT_ONCE // n_rows)
    for start in range(0, len(others), step):
        some = others[start : start + step]
        yield _Pairs(label, some, wanted[some])


def _margins(
    values: npt.NDArray[Any], given: npt.NDArray[Any], rows: Rows, others: npt.NDArray[np.int64]
) -> npt.NDArray[Any]:
    """(pairs, rows) margins of the other columns; some rows at a time, since the numbers of a row are contiguous."""
    margins = np.empty((len(others), len(rows)), dtype=values.dtype)
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        some = slice(start, start + _ROWS_AT_ONCE)
        margins[:, some] = picked(values, rows[None, some], others[:, None]) - given[some]
    return margins


def _choose(found: _Found, rows: Rows, margins: npt.NDArray[Any], pairs: _Pairs, lead: float) -> None:
    leads = margins > margins.dtype.type(lead)
    n_leads = np.count_nonzero(leads, axis=1)
    found.chosen[rows[leads[n_leads <= pairs.wanted].any(axis=0)]] = True
    found.fewer[pairs.label, pairs.others] = n_leads < pairs.wanted
    for pair in np.flatnonzero(n_leads > pairs.wanted).tolist():
        leading = np.flatnonzero(leads[pair])
        found.chosen[rows[leading[top_rows(margins[pair, leading], int(pairs.wanted[pair]))]]] = True


def _choose_by_rank(found: _Found, labels: Labels, values: npt.NDArray[Any], marked: Mask, wanted: Wanted) -> None:
    """Ranks all rows of the labels with marked rows left that no other pair has chosen."""
    k = values.shape[1]
    left = np.bincount(labels[marked & ~found.chosen], minlength=k) > 0
    ranked = left & found.fewer.any(axis=1)
    members = np.flatnonzero(ranked[labels])
    by_label = class_rows(labels[members], k)
    for label, other in np.argwhere(found.fewer & ranked[:, None]).tolist():
        rows = members[by_label.of(label)]
        found.chosen[rows[top_rows(values[rows, other] - values[rows, label], int(wanted[label, other]))]] = True
