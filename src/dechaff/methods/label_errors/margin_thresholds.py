"""The smallest margin of the rows to prune, for each pair of classes, of more candidates than fit into memory.

The candidates of each pair are counted by margin, in ranges of equal length; the threshold is in one of them, which is
counted more finely in the next pass, until these ranges have few enough candidates to rank. One pass usually suffices.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, ClassVar, TypeVar

import numpy as np
import numpy.typing as npt

from dechaff.core.codes import class_rows
from dechaff.core.fold import RunFold, SumFold
from dechaff.core.kernels.row_classes import other_ahead
from dechaff.core.picked import picked
from dechaff.core.top_rows import likely_rank
from dechaff.methods.label_errors.pruning import SLACK
from dechaff.typing import Chunk, ClassMatrix, Mask

Counts = npt.NDArray[np.int64]
L = TypeVar("L", bound="MarginCandidates")


@dataclass(frozen=True)
class MarginCandidates:
    """Rows with the margin of another class over the given one, one entry for each such class."""

    rows: npt.NDArray[np.int64]
    """Row numbers."""
    cells: npt.NDArray[Any]
    """The given label and the other class, as positions in a flat (k, k) matrix."""
    margins: npt.NDArray[Any]

    def picked(self: L, some: Any) -> L:
        """Some of them."""
        return type(self)(*(getattr(self, field.name)[some] for field in fields(self)))

    def joined(self: L, others: L) -> L:
        """These, followed by others."""
        columns = ((getattr(self, field.name), getattr(others, field.name)) for field in fields(self))
        return type(self)(*map(np.concatenate, columns))


def likely_margins(candidates: MarginCandidates, wanted: Counts) -> ClassMatrix:
    """(k, k) margins above which rows like these will most likely have more candidates than are wanted."""
    k = len(wanted)
    by_cell = class_rows(candidates.cells, k * k)
    rank = likely_rank(wanted).astype(np.int64)
    least = np.zeros((k, k))
    for label, other in np.argwhere(np.diff(by_cell.starts).reshape(k, k) > rank).tolist():
        margins = candidates.margins[by_cell.of(label * k + other)]
        place = len(margins) - int(rank[label, other])
        least[label, other] = np.partition(margins, place)[place]
    return least


def short_pairs(wanted: Counts, leading: Counts, left: Counts) -> Counts:
    """(k, k) rows that are wanted beyond the candidates.

    It is 0 for labels without doubted rows `left` to choose from.
    """
    short: Counts = np.where((left > 0)[:, None], np.maximum(wanted - leading, 0), 0)
    return short


@dataclass(frozen=True)
class RankedCandidates(MarginCandidates):
    """The rows of largest margin in each pair, doubted or not."""

    doubted: Mask


@dataclass(frozen=True)
class LargestMargins:
    """The fold that keeps, for each pair, as many rows of largest margin as are wanted, ties by row.

    Rows whose margin is above a bound are left out: they have been chosen already.
    """

    wanted: Counts
    bounds: npt.NDArray[Any]
    """(k, k) as precise as the margins."""
    columns: ClassVar[tuple[str, ...]] = ("row", "labels", "probs")
    keyed_by: ClassVar[str | None] = None

    def init(self) -> RankedCandidates:
        """No rows; the precision is that of the first ones added."""
        nothing = np.empty(0, dtype=np.int64)
        return RankedCandidates(nothing, nothing, np.empty(0, dtype=np.float32), np.empty(0, dtype=bool))

    def update(self, state: RankedCandidates, chunk: Chunk) -> RankedCandidates:
        """Adds the chunk's rows and drops those of smaller margin."""
        labels, probs = chunk["labels"], chunk["probs"]
        some, others = np.nonzero(self.wanted[labels])
        margins = picked(probs, some, others) - picked(probs, some, labels[some])
        below = ~(margins > self.bounds[labels[some], others])
        some, others, margins = some[below], others[below], margins[below]
        doubted = other_ahead(labels, probs, slack=SLACK)[some]
        return self.merge(
            state, RankedCandidates(chunk["row"][some], labels[some] * len(self.wanted) + others, margins, doubted)
        )

    def merge(self, left: RankedCandidates, right: RankedCandidates) -> RankedCandidates:
        """The rows of largest margin among both, by pair and then by row."""
        both = left.joined(right)
        order = np.lexsort((both.rows, -both.margins, both.cells))
        cells = both.cells[order]
        rank = np.arange(len(cells)) - np.searchsorted(cells, cells)
        winners = order[rank < self.wanted.reshape(-1)[cells]]
        return both.picked(winners[np.lexsort((both.rows[winners], both.cells[winners]))])

    def finalize(self, state: RankedCandidates) -> RankedCandidates:
        """The rows."""
        return state


_STATE_CELLS, _MOST_BITS, _FEWEST_BITS = 2**17, 10, 2
"""Each range is divided so that all pairs together have about this many shorter ranges."""
_RANKED = 2**20
"""MarginCandidates that are ranked in memory."""
_MOST = 2.0
"""More than any margin."""


@dataclass(frozen=True)
class MarginThresholds:
    """The smallest margin of the rows to prune, for each pair; of equal margins, the rows up to the last one count."""

    least: npt.NDArray[Any]
    """(k * k,) in the precision of the margins; inf if no candidate counts, -inf if all do."""
    last_rows: Counts
    """(k * k,)"""
    leading: Counts
    """(k, k) number of candidates of the pairs from which rows are wanted."""

    def put(self, pairs: Counts, candidates: MarginCandidates, wanted: Counts) -> None:
        """Sets the thresholds of some pairs at their last wanted candidate; candidates are in descending order."""
        last = np.searchsorted(candidates.cells, pairs) + wanted - 1
        self.least[pairs], self.last_rows[pairs] = candidates.margins[last], candidates.rows[last]

    def chosen(self, candidates: MarginCandidates) -> Mask:
        """(m,) whether each candidate is pruned."""
        least = self.least.take(candidates.cells)
        chosen = np.asarray(candidates.margins > least)
        ties = np.flatnonzero(candidates.margins == least)
        chosen[ties] = candidates.rows[ties] <= self.last_rows.take(candidates.cells[ties])
        return chosen


@dataclass(frozen=True)
class MarginRanges:
    """A range of margins for each pair from which rows are wanted, divided into shorter ranges to count.

    Margins are positive, so that their bits, as whole numbers, are in the same order.
    """

    numbers: npt.NDArray[np.int32]
    """(k * k,) number of each such pair; p for all others."""
    low: npt.NDArray[Any]
    high: npt.NDArray[Any]
    """(p + 1,) bits of the first margin, and of the first one above; the last range is empty."""
    shifts: npt.NDArray[Any]
    """(p + 1,) a shorter range holds 2**shift margins."""
    bits: int
    """There are 2**bits shorter ranges."""

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

    def places(self, candidates: MarginCandidates) -> npt.NDArray[np.int64]:
        """(m,) range number, 2**bits + 2 per pair: the first is below all ranges, the last above."""
        bits, pairs = _as_bits(candidates.margins), self.numbers.take(candidates.cells)
        places = (bits - self.low.take(pairs)) >> self.shifts.take(pairs)
        places[bits >= self.high.take(pairs)] = 2**self.bits
        return np.asarray(np.maximum(places, -1) + 1 + pairs * np.int64(2**self.bits + 2))

    def within(self, candidates: MarginCandidates) -> Mask:
        """(m,) whether each candidate is in the range of its pair."""
        bits, pairs = _as_bits(candidates.margins), self.numbers.take(candidates.cells)
        return np.asarray((bits >= self.low.take(pairs)) & (bits < self.high.take(pairs)))

    def narrowed(self, places: Counts) -> MarginRanges:
        """One shorter range for each pair, by its number; none if that is 0."""
        low = self.low + (np.maximum(places - 1, 0) << self.shifts).astype(self.low.dtype)
        high = np.minimum(low + (1 << self.shifts).astype(low.dtype), self.high)
        high = np.where(places > 0, high, low)
        return self.between(self.numbers, low, high, self.bits)


def margin_thresholds(run: RunFold[Any], wanted: Counts, least: ClassMatrix, dtype: np.dtype[Any]) -> MarginThresholds:
    """The thresholds that keep as many candidates of each pair as are wanted, or all if there are no more.

    Parameters
    ----------
    run : callable
        Runs a fold over all candidates, with the columns of `MarginCandidates`.
    wanted : (k, k) int
        Rows to prune.
    least : (k, k) float, above 0
        Lower bounds of the margins.
    dtype : precision of the margins

    Examples
    --------
    >>> from dechaff.core.over_arrays import over_arrays
    >>> cells, margins = np.array([1, 1, 1, 2]), np.array([0.2, 0.4, 0.2, 0.3])
    >>> run = over_arrays(rows=np.arange(4), cells=cells, margins=margins)
    >>> thresholds = margin_thresholds(run, np.array([[0, 2], [5, 0]]), np.full((2, 2), 0.1), margins.dtype)
    >>> thresholds.chosen(MarginCandidates(np.arange(4), cells, margins))
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
    thresholds = MarginThresholds(np.full(wanted.size, np.inf, dtype), np.full(wanted.size, -1), np.zeros_like(wanted))
    thresholds.leading.put(pairs, leading)
    thresholds.least[pairs] = np.where(leading <= n, -np.inf, np.inf)
    if n_within:
        ends = np.flatnonzero(left)
        thresholds.put(pairs[ends], run(CandidatesWithin(ranges)), left[ends])
    return thresholds


def _narrowed(ranges: MarginRanges, left: Counts, counts: Counts) -> tuple[MarginRanges, Counts, int]:
    """The shorter ranges that contain the thresholds, by the counts of candidates in all shorter ranges.

    Also how many wanted candidates are left to find in each, and how many candidates they have in total.
    """
    from_top = np.cumsum(counts[:, ::-1], axis=1)
    pairs, place = np.arange(len(left)), np.count_nonzero(from_top < left[:, None], axis=1)
    within = np.where(left > 0, counts[pairs, counts.shape[1] - 1 - place], 0)
    left = np.where(left > 0, left - (from_top[pairs, place] - within), 0)
    return ranges.narrowed(np.where(left > 0, counts.shape[1] - place, 0)), left, int(within.sum())


@dataclass(frozen=True)
class MarginCounts(SumFold[Counts]):
    """The fold that counts the candidates of each pair by the shorter range of their margin."""

    ranges: MarginRanges
    columns: ClassVar[tuple[str, ...]] = ("rows", "cells", "margins")

    def init(self) -> Counts:
        """No candidates; the first column is for those below all shorter ranges, the last for those above."""
        return np.zeros((len(self.ranges.low), 2**self.ranges.bits + 2), dtype=np.int64)

    def update(self, state: Counts, chunk: Chunk) -> Counts:
        """Adds the chunk's candidates."""
        found = np.bincount(self.ranges.places(_candidates(chunk)), minlength=state.size)
        return state + found.reshape(state.shape)


@dataclass(frozen=True)
class CandidatesWithin:
    """The fold that keeps the candidates within the range of their pair."""

    ranges: MarginRanges
    columns: ClassVar[tuple[str, ...]] = ("rows", "cells", "margins")
    keyed_by: ClassVar[str | None] = None

    def init(self) -> MarginCandidates:
        """No candidates."""
        nothing = np.empty(0, dtype=np.int64)
        return MarginCandidates(nothing, nothing, np.empty(0, dtype=np.float32))

    def update(self, state: MarginCandidates, chunk: Chunk) -> MarginCandidates:
        """Adds the chunk's candidates."""
        candidates = _candidates(chunk)
        return self.merge(state, candidates.picked(self.ranges.within(candidates)))

    def merge(self, left: MarginCandidates, right: MarginCandidates) -> MarginCandidates:
        """The candidates of both, by pair, then by descending margin, ties by row."""
        both = left.joined(right)
        return both.picked(np.lexsort((both.rows, -both.margins, both.cells)))

    def finalize(self, state: MarginCandidates) -> MarginCandidates:
        """The candidates."""
        return state


def _candidates(chunk: Chunk) -> MarginCandidates:
    return MarginCandidates(*(chunk[name] for name in CandidatesWithin.columns))


def _as_bits(margins: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return margins.view(np.dtype(f"i{margins.itemsize}"))
