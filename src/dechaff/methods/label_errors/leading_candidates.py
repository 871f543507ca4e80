"""Pruning by noise rate where only the leads of other classes are at hand, not the probabilities."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, ClassVar, TypeVar

import numpy as np
import numpy.typing as npt

from dechaff.core.class_rows import class_rows
from dechaff.core.kernels.leads import leads_above
from dechaff.core.kernels.row_classes import other_ahead
from dechaff.core.nth_largest import cut_in_memory
from dechaff.core.picked import picked
from dechaff.core.top_rows import likely_rank
from dechaff.methods.label_errors.argmax_rule import SLACK
from dechaff.methods.label_errors.prune_by_noise_rate import LEAD
from dechaff.typing import Chunk, ClassMatrix, Labels, Mask

Counts = npt.NDArray[np.int64]
_Rows = npt.NDArray[np.int64]
L = TypeVar("L", bound="Leads")


@dataclass(frozen=True)
class Leads:
    """Rows with the margin by which another class leads the given one, once for each other class."""

    rows: _Rows
    """Their numbers."""
    labels: npt.NDArray[Any]
    others: npt.NDArray[Any]
    margins: npt.NDArray[Any]

    def picked(self: L, some: Any) -> L:
        """Some of them."""
        return type(self)(*(getattr(self, field.name)[some] for field in fields(self)))

    def cells(self, n_classes: int) -> npt.NDArray[np.int64]:
        """The pairs as places in a (k, k) matrix."""
        return np.asarray(self.labels.astype(np.int64) * n_classes + self.others)


def leads_of(
    rows: _Rows, labels: Labels, probs: npt.NDArray[Any], given: npt.NDArray[Any], doubted: Mask, least: ClassMatrix
) -> tuple[Leads, Labels]:
    """The leads above the `least` margins, of each pair in the order of rows; and the classes preferred.

    Only doubted rows can have a lead above `LEAD`; of the others the class preferred is the given one.
    """
    found = leads_above(labels, probs, given, doubted, np.maximum(least, LEAD).astype(probs.dtype))
    code = np.min_scalar_type(probs.shape[1] - 1)
    of_leads = labels[found.rows].astype(code)
    return Leads(rows[found.rows], of_leads, found.columns.astype(code), found.margins), found.largest


@dataclass(frozen=True)
class LeadCuts:
    """Where the leads of the rows to prune end, pair by pair: a lead counts above it, or on it up to the last row."""

    least: ClassMatrix
    """Infinite where none counts, and the other way where all do."""
    last_rows: Counts
    """(k, k)"""
    leading: Counts
    """(k, k) how many leads there are."""

    @classmethod
    def none(cls, n_classes: int) -> LeadCuts:
        """No lead counts."""
        shape = (n_classes, n_classes)
        return cls(np.full(shape, np.inf), np.full(shape, -1), np.zeros(shape, dtype=np.int64))

    def merged(self, other: LeadCuts) -> LeadCuts:
        """With those of other labels."""
        least, last = np.minimum(self.least, other.least), np.maximum(self.last_rows, other.last_rows)
        return LeadCuts(least, last, self.leading + other.leading)

    def chosen(self, leads: Leads) -> Mask:
        """Which leads count."""
        cells = leads.cells(len(self.least))
        least, last = self.least.take(cells), self.last_rows.take(cells)
        return np.asarray((leads.margins > least) | ((leads.margins == least) & (leads.rows <= last)))


def lead_cuts(leads: Leads, wanted: Counts) -> LeadCuts:
    """The cuts that leave as many leads of each pair as are wanted, or all where they are no more.

    `leads` are those of some labels, all above some margin, and of each pair in the order of rows.
    """
    k = len(wanted)
    cuts = LeadCuts.none(k)
    by_cell = class_rows(leads.cells(k), k * k)
    np.copyto(cuts.leading, np.diff(by_cell.starts).reshape(k, k))
    all_of = (cuts.leading > 0) & (cuts.leading <= wanted)
    cuts.least[all_of] = -np.inf
    for label, other in np.argwhere((cuts.leading > wanted) & (wanted > 0)).tolist():
        pair = by_cell.of(label * k + other)
        cut = cut_in_memory(leads.margins[pair], int(wanted[label, other]))
        cuts.least[label, other] = cut.least
        cuts.last_rows[label, other] = leads.rows[pair[cut.last_row]]
    return cuts


def likely_margins(leads: Leads, wanted: Counts) -> ClassMatrix:
    """(k, k) margins above which, of rows like these, there will most likely be more leads than are wanted."""
    k = len(wanted)
    cells = leads.cells(k)
    by_cell = class_rows(cells, k * k)
    rank = likely_rank(wanted).astype(np.int64)
    least = np.zeros((k, k))
    for label, other in np.argwhere(np.diff(by_cell.starts).reshape(k, k) > rank).tolist():
        margins = leads.margins[by_cell.of(label * k + other)]
        place = len(margins) - int(rank[label, other])
        least[label, other] = np.partition(margins, place)[place]
    return least


def short_pairs(wanted: Counts, leading: Counts, left: Counts) -> Counts:
    """(k, k) rows that are wanted of those pairs of which too few rows lead; 0 for all others.

    Nor do pairs count of whose label there are no doubted rows `left` to choose.
    """
    short: Counts = np.where((leading < wanted) & (left > 0)[:, None], wanted, 0)
    return short


@dataclass(frozen=True)
class Rivals(Leads):
    """Rows that compete in a pair, whatever their margin."""

    doubted: Mask


@dataclass(frozen=True)
class Competitors:
    """The fold that keeps, for each pair, as many rows of largest margin as it wants, ties by row."""

    wanted: Counts
    columns: ClassVar[tuple[str, ...]] = ("row", "labels", "probs")
    keyed_by: ClassVar[str | None] = None

    def init(self) -> Rivals:
        """No rows; their precision is that of the first ones."""
        nothing = np.empty(0, dtype=np.int64)
        return Rivals(nothing, nothing, nothing, np.empty(0, dtype=np.float32), np.empty(0, dtype=bool))

    def update(self, state: Rivals, chunk: Chunk) -> Rivals:
        """Adds the chunk's rows and lets go of those that lose."""
        labels, probs = chunk["labels"], chunk["probs"]
        some, others = np.nonzero(self.wanted[labels])
        of_some = labels[some]
        margins = picked(probs, some, others) - picked(probs, some, of_some)
        doubted = other_ahead(labels, probs, slack=SLACK)[some]
        return self.merge(state, Rivals(chunk["row"][some], of_some, others, margins, doubted))

    def merge(self, left: Rivals, right: Rivals) -> Rivals:
        """The winners among the rows of both, pair by pair and in the order of rows."""
        columns = ((getattr(left, field.name), getattr(right, field.name)) for field in fields(Rivals))
        both = Rivals(*map(np.concatenate, columns))
        cells = both.cells(len(self.wanted))
        order = np.lexsort((both.rows, -both.margins, cells))
        cells = cells[order]
        rank = np.arange(len(cells)) - np.searchsorted(cells, cells)
        winners = order[rank < self.wanted.reshape(-1)[cells]]
        winners = winners[np.lexsort((both.rows[winners], both.cells(len(self.wanted))[winners]))]
        return both.picked(winners)

    def finalize(self, state: Rivals) -> Rivals:
        """The rows."""
        return state
