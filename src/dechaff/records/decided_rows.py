"""The rows of a run with the events about them, some at a time: neither all rows nor all decisions are in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from dechaff.records.decision_log import event_keys, events_numbered
from dechaff.records.decisions import ChildRow, Event, current_state, with_children

PIECE_ROWS = 2**16
"""Rows at a time: with an event about each, some dozens of megabytes."""
PARENT_KEY = "parent_key"
"""Column of the table of scores of augmented data: the key of the row from which a row was made, '' for none."""


@dataclass(frozen=True)
class EventsByKey:
    """Which events of a log are about which row: 16 bytes per event, ordered by the hash of the key."""

    log: Path
    hashes: npt.NDArray[np.uint64] = field(repr=False)
    numbers: npt.NDArray[np.int64] = field(repr=False)

    @classmethod
    def of(cls, log: Path) -> EventsByKey:
        """Those of a log as it is now; none if there is no log yet."""
        hashes, numbers = [np.zeros(0, dtype=np.uint64)], [np.zeros(0, dtype=np.int64)]
        for some, keys in event_keys(log, PIECE_ROWS):
            numbers.append(np.array(some, dtype=np.int64))
            hashes.append(_hashes(pl.Series(keys, dtype=pl.String)))
        whole, ids = np.concatenate(hashes), np.concatenate(numbers)
        order = np.argsort(whole, kind="stable")
        return cls(log, whole[order], ids[order])

    def about(self, keys: pl.Series) -> list[Event]:
        """The events about the rows with these keys, oldest first."""
        if not len(self.hashes):
            return []
        wanted = np.unique(_hashes(keys))
        starts, ends = (np.searchsorted(self.hashes, wanted, side) for side in ("left", "right"))
        found = [self.numbers[start:end] for start, end in zip(starts, ends, strict=True) if end > start]
        if not found:
            return []
        known = set(keys.to_list())  # two keys may have one hash
        return [event for event in events_numbered(self.log, np.sort(np.concatenate(found))) if event.key in known]


@dataclass(frozen=True)
class DecidedPiece:
    """Some neighbouring rows of the table of scores, and the events about them."""

    lines: pl.DataFrame
    """place, row, key, given; ``place`` counts the lines of the table."""
    events: list[Event] = field(repr=False)
    """Oldest first."""
    made: tuple[ChildRow, ...] = field(default=(), repr=False)
    """Those of the rows that were made from others."""
    of_parents: list[Event] = field(default_factory=list, repr=False)
    """The events about the rows that they were made from, oldest first."""

    def decided(self) -> dict[str, Event]:
        """Row key -> the decision that holds now, which may be that of the row from which a row was made."""
        return with_children(current_state(self.events), self.made, current_state(self.of_parents))


def decided_pieces(scores: Path, log: Path, *, piece_rows: int = PIECE_ROWS) -> Iterator[DecidedPiece]:
    """All rows of a table of scores, in order, with the events of a log about them."""
    index, table = EventsByKey.of(log), pl.scan_parquet(scores)
    columns = ["key", "row", "given", *([PARENT_KEY] if has_made_rows(scores) else [])]
    n_rows = int(table.select(pl.len()).collect().item())
    for start in range(0, n_rows, piece_rows):
        lines = table.select(columns).slice(start, piece_rows).collect().with_row_index("place", start)
        made = lines.filter(pl.col(PARENT_KEY) != "").select(columns) if PARENT_KEY in columns else None
        lines = lines.select("place", "row", "key", "given")
        if made is None:
            yield DecidedPiece(lines, index.about(lines["key"]))
        else:
            children = tuple(ChildRow(*line) for line in made.iter_rows())
            yield DecidedPiece(lines, index.about(lines["key"]), children, index.about(made[PARENT_KEY].unique()))


def has_made_rows(scores: Path) -> bool:
    """Whether the audited rows are augmented data, in which some rows were made from others."""
    return PARENT_KEY in pl.read_parquet_schema(scores)


def row_names(scores: Path, rows: Iterable[str], keys: Iterable[str] = (), *, first: int = 0) -> pl.DataFrame:
    """Place, id, key and given label of the rows with some ids or keys, and of the `first` ones, in their order."""
    lines = pl.scan_parquet(scores).select("row", "key", "given").with_row_index("place")
    wanted = pl.col("row").is_in(list(rows)) | pl.col("key").is_in(list(keys)) | (pl.col("place") < first)
    return lines.filter(wanted).collect(engine="streaming").sort("place")


def _hashes(keys: pl.Series) -> npt.NDArray[np.uint64]:
    return keys.hash(seed=0).to_numpy()
