"""Pruning by noise rate where only the leads of other classes are at hand, not the probabilities."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, ClassVar, TypeVar

import numpy as np
import numpy.typing as npt

from dechaff.core.class_rows import class_rows
from dechaff.core.kernels.row_classes import other_ahead
from dechaff.core.picked import picked
from dechaff.core.top_rows import likely_rank
from dechaff.methods.label_errors.candidates import SLACK
from dechaff.typing import Chunk, ClassMatrix, Mask

Counts = npt.NDArray[np.int64]
_Rows = npt.NDArray[np.int64]
L = TypeVar("L", bound="Leads")


@dataclass(frozen=True)
class Leads:
    """Rows with the margin by which another class leads the given one, once for each other class."""

    rows: _Rows
    """Their numbers."""
    cells: npt.NDArray[Any]
    """The given label and the other class, as places in a (k, k) matrix."""
    margins: npt.NDArray[Any]

    def picked(self: L, some: Any) -> L:
        """Some of them."""
        return type(self)(*(getattr(self, field.name)[some] for field in fields(self)))

    def joined(self: L, others: L) -> L:
        """With others behind them."""
        columns = ((getattr(self, field.name), getattr(others, field.name)) for field in fields(self))
        return type(self)(*map(np.concatenate, columns))


def likely_margins(leads: Leads, wanted: Counts) -> ClassMatrix:
    """(k, k) margins above which, of rows like these, there will most likely be more leads than are wanted."""
    k = len(wanted)
    by_cell = class_rows(leads.cells, k * k)
    rank = likely_rank(wanted).astype(np.int64)
    least = np.zeros((k, k))
    for label, other in np.argwhere(np.diff(by_cell.starts).reshape(k, k) > rank).tolist():
        margins = leads.margins[by_cell.of(label * k + other)]
        place = len(margins) - int(rank[label, other])
        least[label, other] = np.partition(margins, place)[place]
    return least


def short_pairs(wanted: Counts, leading: Counts, left: Counts) -> Counts:
    """(k, k) rows that are wanted beyond those that lead.

    Pairs do not count of whose label there are no doubted rows `left` to choose.
    """
    short: Counts = np.where((left > 0)[:, None], np.maximum(wanted - leading, 0), 0)
    return short


@dataclass(frozen=True)
class Rivals(Leads):
    """Rows that compete in a pair, whatever their margin."""

    doubted: Mask


@dataclass(frozen=True)
class Competitors:
    """The fold that keeps, for each pair, as many rows of largest margin as it wants, ties by row.

    Rows do not compete whose margin is above a bound: they are leads, which have their seat already.
    """

    wanted: Counts
    bounds: npt.NDArray[Any]
    """(k, k) as precise as the margins."""
    columns: ClassVar[tuple[str, ...]] = ("row", "labels", "probs")
    keyed_by: ClassVar[str | None] = None

    def init(self) -> Rivals:
        """No rows; their precision is that of the first ones."""
        nothing = np.empty(0, dtype=np.int64)
        return Rivals(nothing, nothing, np.empty(0, dtype=np.float32), np.empty(0, dtype=bool))

    def update(self, state: Rivals, chunk: Chunk) -> Rivals:
        """Adds the chunk's rows and lets go of those that lose."""
        labels, probs = chunk["labels"], chunk["probs"]
        some, others = np.nonzero(self.wanted[labels])
        margins = picked(probs, some, others) - picked(probs, some, labels[some])
        competing = ~(margins > self.bounds[labels[some], others])
        some, others, margins = some[competing], others[competing], margins[competing]
        doubted = other_ahead(labels, probs, slack=SLACK)[some]
        return self.merge(state, Rivals(chunk["row"][some], labels[some] * len(self.wanted) + others, margins, doubted))

    def merge(self, left: Rivals, right: Rivals) -> Rivals:
        """The winners among the rows of both, pair by pair and in the order of rows."""
        both = left.joined(right)
        order = np.lexsort((both.rows, -both.margins, both.cells))
        cells = both.cells[order]
        rank = np.arange(len(cells)) - np.searchsorted(cells, cells)
        winners = order[rank < self.wanted.reshape(-1)[cells]]
        return both.picked(winners[np.lexsort((both.rows[winners], both.cells[winners]))])

    def finalize(self, state: Rivals) -> Rivals:
        """The rows."""
        return state
