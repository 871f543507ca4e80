"""The native twin of `leading_rows`: the margins that matter are written down once, and cut off pair by pair."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.core.kernels.library import Kernel
from dechaff.core.kernels.shares import codes_of, native_runs, rows_of, typed
from dechaff.core.threads import together
from dechaff.core.top_rows import EVERY, likely_rank
from dechaff.typing import Labels, Mask

_MOST_BINS, _FEWEST_BINS, _BINS_OF_ALL = 512, 4, 2**15
"""Counts of margins: of all pairs together they stay in the cache."""
_LEADS_A_ROW, _MOST_KEPT = 2, 2**15
"""More leads than that a row, and than that in all, are not kept at a time; the pairs are taken in parts then."""
_ROWS_WORTH_A_LOOK = 2**17
"""Of so many rows some are looked at first."""
_FEWEST_LEADS = 2**15
"""Room for so many at least: more than the native function finds between two looks at how much is left."""


def native_leading_rows(
    native: Kernel, labels: Labels, values: npt.NDArray[Any], marked: Mask, wanted: npt.NDArray[np.int64], lead: float
) -> Mask:
    """As `leading_rows`."""
    work = _Work(native, codes_of(labels), values, np.zeros(len(labels), dtype=bool))
    least = np.nextafter(values.dtype.type(lead), values.dtype.type(np.inf))
    pairs = _Pairs.where(wanted > 0, wanted, least)
    found = work.in_parts(work.choose, pairs, np.ascontiguousarray(marked))
    short = np.flatnonzero(found < pairs.wanted)
    if len(short):  # only of labels of which marked rows are left, since no others can be added
        left = np.bincount(work.labels[marked & ~work.chosen], minlength=values.shape[1]) > 0
        short = short[left[pairs.cells[short] // values.shape[1]]]
        work.in_parts(work.choose, pairs.part(short).whatever_margin(), None)
    return work.chosen & marked


@dataclass(frozen=True)
class _Pairs:
    """Pairs of a label and another column, label by label."""

    cells: npt.NDArray[np.int64]
    """(m,) label * k + other."""
    wanted: npt.NDArray[np.int64]
    """(m,) rows to choose."""
    least: npt.NDArray[Any]
    """(m,) the margin from which on a row counts."""
    n_classes: int

    @classmethod
    def where(cls, some: npt.NDArray[np.bool_], wanted: npt.NDArray[np.int64], least: Any) -> _Pairs:
        """Those that are marked in a (k, k) matrix, its diagonal left out."""
        k = len(some)
        cells = np.flatnonzero(some)
        cells = cells[cells % (k + 1) != 0]
        wanted = wanted.reshape(-1)[cells].astype(np.int64, copy=False)
        return cls(cells, wanted, np.full(len(cells), least), k)

    def part(self, some: Any) -> _Pairs:
        """Some of them, in order."""
        return replace(self, cells=self.cells[some], wanted=self.wanted[some], least=self.least[some])

    def whatever_margin(self) -> _Pairs:
        """The same, for rows of any margin."""
        return replace(self, least=np.full(len(self.cells), -np.inf, dtype=self.least.dtype))

    def from_margins(self, least: npt.NDArray[Any]) -> _Pairs:
        """The same, for rows of these margins and above."""
        return replace(self, least=least)

    def as_native(self) -> tuple[Any, ...]:
        """Where the pairs of each label begin, their columns, margins and number."""
        first = np.searchsorted(self.cells, self.n_classes * np.arange(self.n_classes + 1))
        return first, self.cells % self.n_classes, self.least, len(self.cells)


@dataclass(frozen=True)
class _Leads:
    """What a thread wrote down."""

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
    chosen: Mask

    def in_parts(self, work: Callable[[_Pairs, Mask | None], Any], pairs: _Pairs, marked: Mask | None) -> Any:
        """The work's answers for all pairs, half of them at a time where there are too many leads."""
        try:
            return work(pairs, marked)
        except _TooManyError:
            half = len(pairs.cells) // 2
            return np.concatenate([self.in_parts(work, pairs.part(some), marked) for some in _halves(half)])

    def choose(self, pairs: _Pairs, marked: Mask | None) -> npt.NDArray[np.int64]:
        """Chooses the rows of each pair; (m,) how many there were to choose from, or enough of them."""
        likely = self._likely(pairs, marked)
        found = self._choose(likely, marked)
        again = np.flatnonzero((found < pairs.wanted) & (likely.least > pairs.least))
        if len(again):
            found[again] = self._choose(pairs.part(again), marked)
        return found

    def _likely(self, pairs: _Pairs, marked: Mask | None) -> _Pairs:
        """The same, with margins that most likely still leave as many rows as are wanted: from some of the rows."""
        if len(self.labels) < _ROWS_WORTH_A_LOOK or not len(pairs.cells):
            return pairs
        some = replace(self, labels=self.labels[::EVERY].copy(), values=self.values[::EVERY])
        counts = _added(some._gathered(pairs, None if marked is None else marked[::EVERY].copy()))
        enough = np.cumsum(counts[:, ::-1], axis=1) >= likely_rank(pairs.wanted / EVERY)[:, None]
        bins = counts.shape[1]
        edges = 2 * (bins - 1 - enough.argmax(axis=1)) / bins - 1
        least = np.where(enough.any(axis=1), edges, -1).astype(self.values.dtype)
        return pairs.from_margins(np.maximum(pairs.least, least))

    def _choose(self, pairs: _Pairs, marked: Mask | None) -> npt.NDArray[np.int64]:
        leads = self._gathered(pairs, marked)
        counts = _added(leads)
        found, edges = self._edges(pairs, leads, counts)
        self._call("mark_leads", found, len(found), _shift(counts.shape[1]), edges, self.chosen)
        return np.asarray(counts.sum(axis=1, dtype=np.int64))

    def _gathered(self, pairs: _Pairs, marked: Mask | None) -> list[_Leads]:
        bins = 2 ** _shift(int(np.clip(_BINS_OF_ALL // max(1, len(pairs.cells)), _FEWEST_BINS, _MOST_BINS)))
        native = pairs.as_native()

        def gather(rows: slice) -> _Leads:
            n, k = self.values[rows].shape
            some = None if marked is None else marked[rows]
            found = _Leads([], np.zeros((len(pairs.cells), bins), dtype=np.uint32))
            row, kept, n_leads = 0, 0, np.zeros(1, dtype=np.int64)
            while row < n:
                part = np.empty(max(_FEWEST_LEADS, n) + k, dtype=self._lead_type())
                arguments = (row, rows.start, some, *native, found.counts, bins, part, len(part), n_leads)
                row = self._call("gather_leads", self.labels[rows], *rows_of(self.values[rows]), *arguments)
                found.parts.append(part[: int(n_leads[0])])
                kept += int(n_leads[0])
                if kept > max(_MOST_KEPT, _LEADS_A_ROW * n) and len(pairs.cells) > 1:
                    raise _TooManyError
            return found

        return together([partial(gather, rows) for rows in native_runs(self.values)])

    def _edges(
        self, pairs: _Pairs, leads: list[_Leads], counts: npt.NDArray[np.uint32]
    ) -> tuple[npt.NDArray[np.void], npt.NDArray[np.void]]:
        """Chooses all rows but those in the cells where the wanted ones end; returns these, and the edges in them."""
        m, bins = counts.shape
        cells, rest = np.empty(m, dtype=np.int64), np.empty(m, dtype=np.int64)
        self.kernel("find_edge_cells", counts, bins, pairs.wanted, m, cells, rest)
        at = np.arange(m)
        bin_of = cells - at * bins
        there = np.stack([np.where(bin_of >= 0, one.counts[at, bin_of], 0) for one in leads]).astype(np.int64)
        starts = np.concatenate([[0], np.cumsum(there.sum(axis=0))])
        begins = starts[:-1] + np.cumsum(there, axis=0) - there
        found = np.empty(int(starts[-1]), dtype=self._lead_type())

        def part_leads(share: int) -> None:
            places = begins[share].copy()
            for part in leads[share].parts:
                self._call("part_leads", part, len(part), _shift(bins), cells, self.chosen, places, found)

        together([partial(part_leads, share) for share in range(len(leads))])
        edges = np.empty(m, dtype=np.dtype([("margin", self.values.dtype), ("last", np.int64)], align=True))
        self._call("find_edges", found, starts, rest, m, np.empty(len(found), dtype=self.values.dtype), edges)
        return found, edges

    def _lead_type(self) -> np.dtype[np.void]:
        return np.dtype([("margin", self.values.dtype), ("cell", np.uint32), ("row", np.uint32)])

    def _call(self, function: str, *arguments: Any) -> int:
        return self.kernel(typed(function, self.values), *arguments)


def _halves(half: int) -> tuple[slice, slice]:
    return slice(half), slice(half, None)


def _added(leads: list[_Leads]) -> npt.NDArray[np.uint32]:
    return np.asarray(sum((one.counts for one in leads[1:]), leads[0].counts))


def _shift(bins: int) -> int:
    """The largest power of two within."""
    return bins.bit_length() - 1
