"""Where the leads of the rows to prune end, pair by pair, of more leads than memory holds.

The leads of each pair are counted by margin, in some ranges of equal length; the cut lies in one of them, which is
counted more finely in the next pass, until few enough leads lie in these ranges to rank them. Mostly one pass does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from dechaff.core.fold import RunFold
from dechaff.methods.label_errors.leading_candidates import Leads
from dechaff.typing import Chunk, ClassMatrix, Mask

Counts = npt.NDArray[np.int64]
_STATE_CELLS, _MOST_BITS, _FEWEST_BITS = 2**17, 10, 2
"""A range is cut into so many shorter ones that all pairs together have about this many."""
_RANKED = 2**20
"""Leads that are ranked in memory."""
_MOST = 2.0
"""More than any margin."""


@dataclass(frozen=True)
class LeadCuts:
    """Where the leads of the rows to prune end, pair by pair: a lead counts above it, or on it up to the last row."""

    least: npt.NDArray[Any]
    """(k * k,) as precise as the margins; infinite where none counts, and the other way where all do."""
    last_rows: Counts
    """(k * k,)"""
    leading: Counts
    """(k, k) how many leads there are, of pairs from which rows are wanted."""

    def put(self, pairs: Counts, leads: Leads, wanted: Counts) -> None:
        """Puts the cuts of some pairs at the last wanted one of their leads, which come from the largest on."""
        last = np.searchsorted(leads.cells, pairs) + wanted - 1
        self.least[pairs], self.last_rows[pairs] = leads.margins[last], leads.rows[last]

    def chosen(self, leads: Leads) -> Mask:
        """Which leads count."""
        least = self.least.take(leads.cells)
        chosen = np.asarray(leads.margins > least)
        ties = np.flatnonzero(leads.margins == least)
        chosen[ties] = leads.rows[ties] <= self.last_rows.take(leads.cells[ties])
        return chosen


@dataclass(frozen=True)
class MarginRanges:
    """A range of margins for each pair from which rows are wanted, and in how many shorter ones it is counted.

    Margins are positive, so that their bits, as whole numbers, are in the same order.
    """

    numbers: npt.NDArray[np.int32]
    """(k * k,) number of each such pair, p of all others."""
    low: npt.NDArray[Any]
    high: npt.NDArray[Any]
    """(p + 1,) bits of the first margin, and of the first one beyond; the last range is empty."""
    shifts: npt.NDArray[Any]
    """(p + 1,) 2**shift margins are a shorter range."""
    bits: int
    """2**bits shorter ranges."""

    @classmethod
    def above(cls, least: ClassMatrix, pairs: Counts, dtype: np.dtype[Any]) -> MarginRanges:
        """All margins above these, for some pairs."""
        numbers = np.full(least.size, len(pairs), dtype=np.int32)
        numbers[pairs] = np.arange(len(pairs))
        low = np.append(least.reshape(-1)[pairs], _MOST).astype(dtype)
        bits = (_STATE_CELLS // len(low)).bit_length() - 1
        high = np.full(len(low), _MOST, dtype)
        return cls.between(numbers, _as_bits(low), _as_bits(high), min(max(bits, _FEWEST_BITS), _MOST_BITS))

    @classmethod
    def between(
        cls, numbers: npt.NDArray[np.int32], low: npt.NDArray[Any], high: npt.NDArray[Any], bits: int
    ) -> MarginRanges:
        """Ranges from one margin to before another, as bits."""
        length = np.frexp((high - low).astype(np.float64))[1]
        return cls(numbers, low, high, np.maximum(0, length - bits).astype(low.dtype), bits)

    def places(self, leads: Leads) -> npt.NDArray[np.int64]:
        """(m,) which range as one number, 2**bits + 2 of each pair: its first one is below all, its last one above."""
        bits, pairs = _as_bits(leads.margins), self.numbers.take(leads.cells)
        places = (bits - self.low.take(pairs)) >> self.shifts.take(pairs)
        places[bits >= self.high.take(pairs)] = 2**self.bits
        return np.asarray(np.maximum(places, -1) + 1 + pairs * np.int64(2**self.bits + 2))

    def within(self, leads: Leads) -> Mask:
        """(m,) which leads are in the range of their pair."""
        bits, pairs = _as_bits(leads.margins), self.numbers.take(leads.cells)
        return np.asarray((bits >= self.low.take(pairs)) & (bits < self.high.take(pairs)))

    def narrowed(self, places: Counts) -> MarginRanges:
        """One shorter range, by its place, for each pair; none where that is 0."""
        low = self.low + (np.maximum(places - 1, 0) << self.shifts).astype(self.low.dtype)
        high = np.minimum(low + (1 << self.shifts).astype(low.dtype), self.high)
        high = np.where(places > 0, high, low)
        return self.between(self.numbers, low, high, self.bits)


def lead_cuts(run: RunFold[Any], wanted: Counts, least: ClassMatrix, dtype: np.dtype[Any]) -> LeadCuts:
    """The cuts that leave as many leads of each pair as are wanted, or all where they are no more.

    Parameters
    ----------
    run : runs a fold over all leads, which come with the columns of `Leads`.
    wanted : (k, k) rows to prune.
    least : (k, k) margins, positive, that no lead is below.
    dtype : precision of the margins.

    Examples
    --------
    >>> from dechaff.core.over_arrays import over_arrays
    >>> cells, margins = np.array([1, 1, 1, 2]), np.array([0.2, 0.4, 0.2, 0.3])
    >>> run = over_arrays(rows=np.arange(4), cells=cells, margins=margins)
    >>> cuts = lead_cuts(run, np.array([[0, 2], [5, 0]]), np.full((2, 2), 0.1), margins.dtype)
    >>> cuts.chosen(Leads(np.arange(4), cells, margins))
    array([ True,  True, False,  True])
    """
    pairs = np.flatnonzero(wanted)
    ranges, n = MarginRanges.above(least, pairs, dtype), wanted.take(pairs)
    counts = run(MarginCounts(ranges))
    leading = counts[:-1].sum(axis=1)
    left = np.append(np.where(leading > n, n, 0), 0)
    while True:
        ranges, left, n_within = _narrowed(ranges, left, counts[:, 1:-1])
        if n_within <= _RANKED or not ranges.shifts.any():
            break
        counts = run(MarginCounts(ranges))
    cuts = LeadCuts(np.full(wanted.size, np.inf, dtype), np.full(wanted.size, -1), np.zeros_like(wanted))
    cuts.leading.put(pairs, leading)
    cuts.least[pairs] = np.where(leading <= n, -np.inf, np.inf)
    if n_within:
        cut = np.flatnonzero(left)
        cuts.put(pairs[cut], run(LeadsWithin(ranges)), left[cut])
    return cuts


def _narrowed(ranges: MarginRanges, left: Counts, counts: Counts) -> tuple[MarginRanges, Counts, int]:
    """The shorter ranges with the last of as many leads as are left to find, by the counts of leads in all of them.

    Besides how many of these leads are left to find in there, and how many leads there are in all such ranges.
    """
    from_top = np.cumsum(counts[:, ::-1], axis=1)
    pairs, place = np.arange(len(left)), np.count_nonzero(from_top < left[:, None], axis=1)
    within = np.where(left > 0, counts[pairs, counts.shape[1] - 1 - place], 0)
    left = np.where(left > 0, left - (from_top[pairs, place] - within), 0)
    return ranges.narrowed(np.where(left > 0, counts.shape[1] - place, 0)), left, int(within.sum())


@dataclass(frozen=True)
class MarginCounts:
    """The fold that counts the leads of each pair by the shorter range that their margin is in."""

    ranges: MarginRanges
    columns: ClassVar[tuple[str, ...]] = ("rows", "cells", "margins")
    keyed_by: ClassVar[str | None] = None

    def init(self) -> Counts:
        """No leads; first those below all of the shorter ranges, and last those above."""
        return np.zeros((len(self.ranges.low), 2**self.ranges.bits + 2), dtype=np.int64)

    def update(self, state: Counts, chunk: Chunk) -> Counts:
        """Adds the chunk's leads."""
        found = np.bincount(self.ranges.places(_leads(chunk)), minlength=state.size)
        return state + found.reshape(state.shape)

    def merge(self, left: Counts, right: Counts) -> Counts:
        """Adds the counts."""
        return left + right

    def finalize(self, state: Counts) -> Counts:
        """The counts."""
        return state


@dataclass(frozen=True)
class LeadsWithin:
    """The fold that keeps the leads within the range of their pair."""

    ranges: MarginRanges
    columns: ClassVar[tuple[str, ...]] = ("rows", "cells", "margins")
    keyed_by: ClassVar[str | None] = None

    def init(self) -> Leads:
        """No leads."""
        nothing = np.empty(0, dtype=np.int64)
        return Leads(nothing, nothing, np.empty(0, dtype=np.float32))

    def update(self, state: Leads, chunk: Chunk) -> Leads:
        """Adds the chunk's leads."""
        leads = _leads(chunk)
        return self.merge(state, leads.picked(self.ranges.within(leads)))

    def merge(self, left: Leads, right: Leads) -> Leads:
        """The leads of both, pair by pair and in each from the largest margin on; equal ones in the order of rows."""
        both = left.joined(right)
        return both.picked(np.lexsort((both.rows, -both.margins, both.cells)))

    def finalize(self, state: Leads) -> Leads:
        """The leads."""
        return state


def _leads(chunk: Chunk) -> Leads:
    return Leads(*(chunk[name] for name in LeadsWithin.columns))


def _as_bits(margins: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return margins.view(np.dtype(f"i{margins.itemsize}"))
