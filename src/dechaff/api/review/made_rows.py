"""Rows that were made from others by data augmentation: which they are, and what they take over from those."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import polars as pl

from dechaff.records.decided_rows import PARENT_KEY, has_made_rows
from dechaff.records.decision_log import read_events
from dechaff.records.decisions import ChildRow, Event, current_state, with_children
from dechaff.records.review import Family, FamilyRow
from dechaff.typing import Rows

if TYPE_CHECKING:
    from dechaff.api.review.desk import Desk

_AT_ONCE = 2**18
_NAMED = 5
"""Most rows made from one that are named beside it."""


@dataclass(frozen=True)
class MadeRows:
    """The rows that were made from others, and those, by their lines in a table of scores; ordered by the latter."""

    scores: Path
    places: Rows = field(repr=False)
    parents: Rows = field(repr=False)

    @classmethod
    def of(cls, scores: Path) -> MadeRows:
        """Those of a table of scores; none if its rows are no augmented data."""
        places, of_parent = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.uint64)]
        n_rows = int(pl.scan_parquet(scores).select(pl.len()).collect().item()) if has_made_rows(scores) else 0
        for start in range(0, n_rows, _AT_ONCE):
            parents = _read(scores, start, PARENT_KEY)
            made = np.flatnonzero((parents != "").to_numpy())
            places.append(start + made)
            of_parent.append(_hashes(parents.gather(made)))
        wanted, which = np.unique(np.concatenate(of_parent), return_inverse=True)
        found = np.full(len(wanted), -1, dtype=np.int64)
        for start in range(0, n_rows if len(wanted) else 0, _AT_ONCE):
            hashes = _hashes(_read(scores, start, "key"))
            at = np.minimum(np.searchsorted(wanted, hashes), len(wanted) - 1)
            here = np.flatnonzero(wanted[at] == hashes)
            found[at[here]] = start + here
        parent = found[which]
        order = np.argsort(parent, kind="stable")
        return cls(scores, np.concatenate(places)[order], parent[order])

    def of_rows(self, places: Rows) -> Rows:
        """(m,) lines of the rows that were made from the rows at some lines."""
        return self.places[np.isin(self.parents, places)]

    def line(self, place: int) -> ChildRow:
        """Key, id and given label of the row at a line, and the key of the one that it was made from, '' for none."""
        columns = pl.scan_parquet(self.scores).select("key", "row", "given", PARENT_KEY)
        return ChildRow(*columns.slice(place, 1).collect().row(0))


def family_of(desk: Desk, place: int, own: Mapping[str, Event]) -> tuple[Family, Event | None]:
    """The row that a row was made from, and those that were made from it; and the decision about it, if there is one.

    Parameters
    ----------
    desk : of the run.
    place : line of the row in the table of scores.
    own : row key -> the decision about the row itself, which goes before what it takes over.
    """
    made = desk.made
    if not len(made.places):
        return Family(), next(iter(own.values()), None)
    row, children = made.line(place), made.of_rows(np.array([place]))
    named = tuple(FamilyRow(one.row, one.key) for one in map(made.line, children[:_NAMED].tolist()))
    family, held = Family(made=len(children), named=named), dict(own)
    if row.parent:
        above = current_state(read_events(desk.run.decisions_path, keys=[row.parent]))
        held = with_children(own, [row], above)
        parent = FamilyRow(desk.line(row.parent)[1], row.parent)
        family = Family(parent, held.get(row.key) is not own.get(row.key), len(children), named)
    return family, held.get(row.key)


def _read(scores: Path, start: int, column: str) -> pl.Series:
    return pl.scan_parquet(scores).select(column).slice(start, _AT_ONCE).collect().to_series()


def _hashes(keys: pl.Series) -> npt.NDArray[np.uint64]:
    return keys.hash(seed=0).to_numpy()
