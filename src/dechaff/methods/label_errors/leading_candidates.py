"""Pruning by noise rate where only the candidates are at hand: which pairs need more rows, and the rows they need."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from dechaff.core.kernels.leading_rows import leading_rows
from dechaff.core.picked import picked
from dechaff.core.top_rows import top_rows
from dechaff.methods.label_errors.prune_by_noise_rate import LEAD
from dechaff.typing import Chunk

Counts = npt.NDArray[np.int64]
_Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class SomeRows:
    """Some rows with their numbers, in order."""

    rows: _Rows
    labels: _Rows
    probs: npt.NDArray[Any] = field(repr=False)
    doubted: npt.NDArray[np.bool_]

    def and_others(self, other: SomeRows) -> SomeRows:
        """The rows of both, each once."""
        rows = np.concatenate([self.rows, other.rows])
        distinct, first = np.unique(rows, return_index=True)
        labels, probs, doubted = (
            np.concatenate(pair)[first]
            for pair in ((self.labels, other.labels), (self.probs, other.probs), (self.doubted, other.doubted))
        )
        return SomeRows(distinct, labels, probs, doubted)

    def picked(self, some: npt.NDArray[Any]) -> SomeRows:
        """Some of them."""
        return SomeRows(self.rows[some], self.labels[some], self.probs[some], self.doubted[some])


def flagged_rows(candidates: SomeRows, wanted: Counts) -> _Rows:
    """The numbers of the rows to prune, from the candidates and whatever else competes with them."""
    flag = leading_rows(candidates.labels, candidates.probs, candidates.doubted, wanted, lead=LEAD)
    return candidates.rows[flag]


def short_pairs(candidates: SomeRows, wanted: Counts) -> Counts:
    """(k, k) rows that are wanted of those pairs of which too few candidates lead; 0 for all others."""
    given = picked(candidates.probs, np.arange(len(candidates.rows)), candidates.labels)
    short = np.zeros_like(wanted)
    for label in np.unique(candidates.labels).tolist():
        some = np.flatnonzero(candidates.labels == label)
        others = np.flatnonzero(wanted[label])
        margins = candidates.probs[some]
        margins -= given[some, None]
        leading = np.count_nonzero(margins > margins.dtype.type(LEAD), axis=0)
        few = others[(leading[others] < wanted[label, others]) & (others != label)]
        short[label, few] = wanted[label, few]
    return short


@dataclass(frozen=True)
class Competitors:
    """The fold that keeps, for each pair, as many rows of largest lead as it wants, ties by row."""

    wanted: Counts
    columns: ClassVar[tuple[str, ...]] = ("row", "labels", "probs")
    keyed_by: ClassVar[str | None] = None

    def init(self) -> SomeRows:
        """No rows; their precision is that of the first ones."""
        nothing = np.empty(0, dtype=np.int64)
        return SomeRows(nothing, nothing, np.empty((0, len(self.wanted)), dtype=np.float32), np.empty(0, dtype=bool))

    def update(self, state: SomeRows, chunk: Chunk) -> SomeRows:
        """Adds the chunk's rows and lets go of those that lose."""
        is_wanted = np.asarray(self.wanted.sum(axis=1) > 0)
        some = np.flatnonzero(is_wanted[chunk["labels"]])
        labels, probs = chunk["labels"][some], chunk["probs"][some]
        return self.merge(state, SomeRows(chunk["row"][some], labels, probs, np.zeros(len(some), dtype=bool)))

    def merge(self, left: SomeRows, right: SomeRows) -> SomeRows:
        """The winners among the rows of both."""
        both = left.and_others(right)
        given = picked(both.probs, np.arange(len(both.rows)), both.labels)
        wins = np.zeros(len(both.rows), dtype=bool)
        for label, other in np.argwhere(self.wanted).tolist():
            of_class = np.flatnonzero(both.labels == label)
            margins = both.probs[of_class, other] - given[of_class]
            wins[of_class[top_rows(margins, int(self.wanted[label, other]))]] = True
        return both.picked(wins)

    def finalize(self, state: SomeRows) -> SomeRows:
        """The rows."""
        return state
