"""The marked rows in which another column leads the given one, of each pair of columns as many as are wanted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.core.class_rows import class_rows
from dechaff.core.kernels.library import Kernel
from dechaff.core.kernels.shares import codes_of, native_for, rows_of, together_for, typed
from dechaff.core.picked import picked
from dechaff.core.top_rows import top_rows
from dechaff.typing import Labels, Mask, Rows

_CELLS_AT_ONCE = 2**20
_ROWS_AT_ONCE = 2**12


@dataclass(frozen=True)
class LeadingRows:
    """The rows that were chosen."""

    chosen: Mask
    """(n,)."""
    fewer: npt.NDArray[np.bool_]
    """(k, k) the pairs of which fewer rows could be chosen than were wanted."""


def leading_rows(
    labels: Labels, values: npt.NDArray[Any], marked: Mask, wanted: npt.NDArray[np.int64], *, lead: float
) -> LeadingRows:
    """For each pair of label and other column, the marked rows in which the other one leads by most.

    Only rows count in which its number is larger than the one at the label by more than `lead`; of equal ones the
    first come first. A row that is chosen for any pair is chosen. Labels of which no marked row is there have no pair
    of which fewer were chosen.

    Parameters
    ----------
    labels : (n,) int, 0 … k-1
    values : (n, k) float
    marked : (n,) bool
    wanted : (k, k) int
        Rows to choose of each label (row) and other column; the diagonal is not looked at.
    lead : float

    Examples
    --------
    >>> import numpy as np
    >>> values = np.array([[0.1, 0.9], [0.4, 0.6], [0.2, 0.8]])
    >>> found = leading_rows(
    ...     np.array([0, 0, 0]), values, np.ones(3, dtype=bool), np.array([[0, 2], [0, 0]]), lead=0.0
    ... )
    >>> found.chosen
    array([ True, False,  True])
    """
    native = native_for(values)
    if native is None:
        return _leading_rows(labels, values, marked, wanted, lead)
    return _native(native, codes_of(labels), values, np.ascontiguousarray(marked), wanted, lead)


def _leading_rows(
    labels: Labels, values: npt.NDArray[Any], marked: Mask, wanted: npt.NDArray[np.int64], lead: float
) -> LeadingRows:
    k = values.shape[1]
    found = LeadingRows(np.zeros(len(labels), dtype=bool), np.zeros((k, k), dtype=bool))
    places = np.flatnonzero(marked)
    by_label = class_rows(labels[places], k)
    for label in np.flatnonzero(np.diff(by_label.starts)).tolist():
        rows = places[by_label.of(label)]
        given = picked(values, rows, np.full(len(rows), label))
        for pairs in _pairs(label, wanted[label], len(rows)):
            _choose(found, rows, _margins(values, given, rows, pairs.others), pairs, lead)
    return found


@dataclass(frozen=True)
class _Pairs:
    """Some columns that rows of one label may belong to, and how many rows each of them is to get."""

    label: int
    others: npt.NDArray[np.int64]
    wanted: npt.NDArray[np.int64]


def _pairs(label: int, wanted: npt.NDArray[np.int64], n_rows: int) -> Iterator[_Pairs]:
    """The pairs of a label that want rows, few enough at a time for their margins to stay small."""
    others = np.flatnonzero(wanted > 0)
    others = others[others != label]
    step = max(1, _CELLS_AT_ONCE // n_rows)
    for start in range(0, len(others), step):
        some = others[start : start + step]
        yield _Pairs(label, some, wanted[some])


def _margins(
    values: npt.NDArray[Any], given: npt.NDArray[Any], rows: Rows, others: npt.NDArray[np.int64]
) -> npt.NDArray[Any]:
    """(pairs, rows) lead of the other columns; some rows at a time, since the numbers of a row lie together."""
    margins = np.empty((len(others), len(rows)), dtype=values.dtype)
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        some = slice(start, start + _ROWS_AT_ONCE)
        margins[:, some] = picked(values, rows[None, some], others[:, None]) - given[some]
    return margins


def _choose(found: LeadingRows, rows: Rows, margins: npt.NDArray[Any], pairs: _Pairs, lead: float) -> None:
    leads = margins > margins.dtype.type(lead)
    n_leads = np.count_nonzero(leads, axis=1)
    found.chosen[rows[leads[n_leads <= pairs.wanted].any(axis=0)]] = True
    found.fewer[pairs.label, pairs.others] = n_leads < pairs.wanted
    for pair in np.flatnonzero(n_leads > pairs.wanted).tolist():
        leading = np.flatnonzero(leads[pair])
        found.chosen[rows[leading[top_rows(margins[pair, leading], int(pairs.wanted[pair]))]]] = True


def _native(
    native: Kernel,
    labels: Labels,
    values: npt.NDArray[Any],
    marked: Mask,
    wanted: npt.NDArray[np.int64],
    lead: float,
) -> LeadingRows:
    n, k = values.shape
    found = LeadingRows(np.zeros(n, dtype=bool), np.zeros((k, k), dtype=bool))
    starts = np.zeros(k + 1, dtype=np.int64)
    grouped = np.empty(np.count_nonzero(marked), dtype=np.uint32)
    native("grouped_rows", labels, marked, n, k, starts, grouped)
    chosen, next_label = np.zeros(len(grouped), dtype=bool), np.zeros(1, dtype=np.int64)
    most = int(np.diff(starts).max(initial=1))
    at_once = max(1, min(k, _CELLS_AT_ONCE // max(1, most)))
    quotas = np.ascontiguousarray(wanted, dtype=np.int64)

    def work() -> None:
        leads = np.empty((at_once * most, 2), dtype=values.dtype)  # a margin and a place each
        room = (leads, np.empty(most, dtype=values.dtype), *(np.empty(k, dtype=np.int64) for _ in range(2)))
        answers = (chosen, found.fewer, next_label)
        native(typed("leading_rows", values), *rows_of(values), grouped, starts, quotas, lead, at_once, *room, *answers)

    together_for(work, len(grouped) * values.itemsize * min(k, 64))
    native("mark_chosen", grouped, chosen, len(grouped), found.chosen)
    return found
