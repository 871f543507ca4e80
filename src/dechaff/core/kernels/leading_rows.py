"""For each pair of columns, the rows with the largest margin of one column over the given one, as many as are
wanted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.core.codes import class_rows
from dechaff.core.kernels.native import Kernel, codes_of, native_for, native_runs, rows_of, typed
from dechaff.core.memory import room_for
from dechaff.core.picked import picked
from dechaff.core.threads import together
from dechaff.core.top_rows import EVERY, likely_rank, top_rows
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


_MOST_BINS, _FEWEST_BINS, _BINS_OF_ALL = 512, 4, 2**15
"""Counts of margins: of all pairs together they stay in the cache."""
_LEADS_A_ROW, _MOST_KEPT = 2, 2**15
"""Most leads per row, and in all, that are kept at a time; above, the pairs are taken in parts."""
_ROWS_WORTH_A_LOOK = 2**10
"""Sample size per pair: of this many rows some are read first."""
_SPARE, _BELOW, _LIKELY = 0.1, 0.125, 3.0
"""Spare fraction of rows to rank, distance below the threshold in which to search, and the standard errors by which
more rows than wanted must be above it to skip that: below the threshold the unmarked rows are read, too."""
_FEWEST_LEADS = 2**15
"""Least capacity: more than the native function finds between two checks of what is left."""
_LEAD = np.dtype([("cell", np.uint32), ("row", np.uint32)])


def native_leading_rows(
    native: Kernel, labels: Labels, values: npt.NDArray[Any], marked: Mask, wanted: npt.NDArray[np.int64], lead: float
) -> Mask:
    """As `leading_rows`."""
    chosen = room_for(len(labels), bool)
    chosen.fill(False)
    threshold = np.nextafter(values.dtype.type(lead), values.dtype.type(np.inf))
    shares = native_runs(values)
    rooms = [room_for(max(_FEWEST_LEADS, rows.stop - rows.start) + values.shape[1], _LEAD) for rows in shares]
    work = _Work(native, codes_of(labels), values, np.ascontiguousarray(marked), threshold, chosen, shares, rooms)
    work.choose(_Cells.where(wanted > 0, wanted, threshold))
    chosen &= marked
    return chosen


@dataclass(frozen=True)
class _Cells:
    """Pairs of a label and another column, label by label."""

    cells: npt.NDArray[np.int64]
    """(m,) label * k + other."""
    wanted: npt.NDArray[np.int64]
    """(m,) rows to choose."""
    least: npt.NDArray[Any]
    """(m,) the margin from which on a row counts."""
    n_classes: int

    @classmethod
    def where(cls, some: npt.NDArray[np.bool_], wanted: npt.NDArray[np.int64], least: Any) -> _Cells:
        """Those that are marked in a (k, k) matrix, its diagonal left out."""
        k = len(some)
        cells = np.flatnonzero(some)
        cells = cells[cells % (k + 1) != 0]
        wanted = wanted.reshape(-1)[cells].astype(np.int64, copy=False)
        return cls(cells, wanted, np.full(len(cells), least), k)

    def part(self, some: Any) -> _Cells:
        """Some of them, in order."""
        return replace(self, cells=self.cells[some], wanted=self.wanted[some], least=self.least[some])

    def as_native(self) -> tuple[Any, ...]:
        """Start of the pairs of each label, their columns and margins."""
        first = np.searchsorted(self.cells, self.n_classes * np.arange(self.n_classes + 1))
        return first, self.cells % self.n_classes, self.least


@dataclass(frozen=True)
class _Leads:
    """The leads that one thread found."""

    parts: list[npt.NDArray[np.void]]
    counts: npt.NDArray[np.uint32]
    """(pairs, bins)."""


class _TooManyError(Exception):
    """There are more leads than shall be kept."""


@dataclass(frozen=True)
class _Work:
    kernel: Kernel
    labels: Labels
    values: npt.NDArray[Any]
    marked: Mask
    threshold: Any
    """The margin from which on only marked rows have one."""
    chosen: Mask
    shares: list[slice]
    """Rows of each thread."""
    rooms: list[npt.NDArray[np.void]]
    """Where each thread writes its first candidates: earlier ones are not needed any more."""

    def choose(self, pairs: _Cells) -> None:
        """Chooses the rows of each pair: from margins on that most likely leave enough, else from lower ones."""
        if len(pairs.cells) and len(self.labels) >= _ROWS_WORTH_A_LOOK * len(pairs.cells):
            pairs = replace(pairs, least=self._likely_margins(pairs))
        while len(pairs.cells):
            short = self._in_parts(pairs) < pairs.wanted
            pairs = self._lower(pairs.part(short & (pairs.least > -np.inf)))

    def _lower(self, pairs: _Cells) -> _Cells:
        """Down to the threshold; below it any margin, but only of labels with marked rows left to choose."""
        below = pairs.least <= self.threshold
        if not below.any():
            return replace(pairs, least=np.full(len(below), self.threshold))
        left = np.bincount(self.labels[self.marked & ~self.chosen], minlength=pairs.n_classes) > 0
        lower = replace(pairs, least=np.where(below, -np.inf, self.threshold).astype(self.values.dtype))
        return lower.part(~below | left[pairs.cells // pairs.n_classes])

    def _likely_margins(self, pairs: _Cells) -> npt.NDArray[Any]:
        """(m,) margins below which most likely no row is wanted, from a sample of rows; at least the threshold less a
        bit."""
        counts = _added(self._gathered(pairs, apart=EVERY))
        from_above, expected, bins = np.cumsum(counts[:, ::-1], axis=1), pairs.wanted / EVERY, counts.shape[1]
        leading = from_above[:, -1]
        rank = np.minimum(likely_rank(expected, spare=_SPARE), leading)
        edges = 2 * (bins - 1 - (from_above >= rank[:, None]).argmax(axis=1)) / bins - 1
        enough = expected <= leading - _LIKELY * np.sqrt(leading)
        least = np.where(enough, np.maximum(edges, self.threshold), self.threshold - _BELOW)
        return np.asarray(least.astype(self.values.dtype))

    def _in_parts(self, pairs: _Cells) -> npt.NDArray[np.int64]:
        """As `_choose`, half of the pairs at a time if there are too many candidates."""
        try:
            return self._choose(pairs)
        except _TooManyError:
            half = len(pairs.cells) // 2
            return np.concatenate([self._in_parts(pairs.part(some)) for some in (slice(half), slice(half, None))])

    def _choose(self, pairs: _Cells) -> npt.NDArray[np.int64]:
        """Chooses the rows of each pair; (m,) how many there were to choose from."""
        leads = self._gathered(pairs)
        counts = _added(leads)
        found, edges = self._edges(pairs, leads, counts)
        self._call("mark_leads", found, len(found), _shift(counts.shape[1]), edges, self.chosen)
        return np.asarray(counts.sum(axis=1, dtype=np.int64))

    def _gathered(self, pairs: _Cells, *, apart: int = 1) -> list[_Leads]:
        """Leads and their counts, per thread; only the counts if not all blocks of rows are read."""
        bins = 2 ** _shift(int(np.clip(_BINS_OF_ALL // max(1, len(pairs.cells)), _FEWEST_BINS, _MOST_BINS)))
        native = pairs.as_native()
        least_mark, labels = np.full(pairs.n_classes, 2, dtype=np.uint8), pairs.cells // pairs.n_classes
        least_mark[labels] = 1
        least_mark[labels[pairs.least < self.threshold]] = 0

        def gather(rows: slice, room: npt.NDArray[np.void]) -> _Leads:
            n = rows.stop - rows.start
            found = _Leads([], np.zeros((len(pairs.cells), bins), dtype=np.uint32))
            row, kept, n_leads = 0, 0, np.zeros(1, dtype=np.int64)
            while row < n:
                part = room_for(len(room), room.dtype) if found.parts else room
                marks, counts = (self.marked[rows], least_mark), (found.counts, bins)
                arguments = (row, rows.start, *marks, *native, *counts, apart, part, len(part), n_leads)
                row = self._call("gather_leads", self.labels[rows], *rows_of(self.values[rows]), *arguments)
                if apart == 1:
                    found.parts.append(part[: int(n_leads[0])])
                    kept += int(n_leads[0])
                if kept > max(_MOST_KEPT, _LEADS_A_ROW * n) and len(pairs.cells) > 1:
                    raise _TooManyError
            return found

        return together([partial(gather, *share) for share in zip(self.shares, self.rooms, strict=True)])

    def _edges(
        self, pairs: _Cells, leads: list[_Leads], counts: npt.NDArray[np.uint32]
    ) -> tuple[npt.NDArray[np.void], npt.NDArray[np.void]]:
        """Chooses all rows but those in the cells at the thresholds; returns these, and the edges in them."""
        m, bins = counts.shape
        cells, rest = np.empty(m, dtype=np.int64), np.empty(m, dtype=np.int64)
        self.kernel("find_edge_cells", counts, bins, pairs.wanted, m, cells, rest)
        at = np.arange(m)
        bin_of = cells - at * bins
        there = np.where(bin_of >= 0, counts[at, bin_of], 0)
        starts = np.concatenate([[0], np.cumsum(there, dtype=np.int64)])
        close = np.dtype([("margin", self.values.dtype), ("lead", _LEAD)])
        found, places = np.empty(int(starts[-1]), dtype=close), starts.copy()
        for part in chain.from_iterable(one.parts for one in leads):
            self._call("part_leads", part, len(part), _shift(bins), cells, self.chosen, places, found)
        edges = np.empty(m, dtype=np.dtype([("margin", self.values.dtype), ("last", np.int64)], align=True))
        matrix, spare = (self.labels, *rows_of(self.values)), np.empty(len(found), dtype=self.values.dtype)
        others = pairs.cells % pairs.n_classes
        self._call("find_edges", *matrix, others, _shift(bins), found, starts, rest, m, spare, edges)
        return found, edges

    def _call(self, function: str, *arguments: Any) -> int:
        return self.kernel(typed(function, self.values), *arguments)


def _added(leads: list[_Leads]) -> npt.NDArray[np.uint32]:
    return np.asarray(sum((one.counts for one in leads[1:]), leads[0].counts))


def _shift(bins: int) -> int:
    """The largest power of two within."""
    return bins.bit_length() - 1
