"""Pruning by noise rate from the margins of other classes over the given one, without the probabilities."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, ClassVar, TypeVar

import numpy as np
import numpy.typing as npt

from dechaff.core.codes import class_rows
from dechaff.core.kernels.row_classes import other_ahead
from dechaff.core.picked import picked
from dechaff.core.top_rows import likely_rank
from dechaff.methods.label_errors.candidates import SLACK
from dechaff.typing import Chunk, ClassMatrix, Mask

Counts = npt.NDArray[np.int64]
_Rows = npt.NDArray[np.int64]
L = TypeVar("L", bound="MarginCandidates")


@dataclass(frozen=True)
class MarginCandidates:
    """Rows with the margin of another class over the given one, one entry for each such class."""

    rows: _Rows
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
