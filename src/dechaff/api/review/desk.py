"""What all parts of a review share: the run, its index of findings, what was said, and where the rows are."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import polars as pl
from msgspec import structs

from dechaff.api.review.made_rows import MadeRows
from dechaff.api.review.rows import ReviewRows, rows_of_run
from dechaff.core.progress import Progress, silent
from dechaff.data.dataset import Dataset
from dechaff.errors import InputError
from dechaff.records.decision_log import read_events
from dechaff.records.decisions import STATUSES, Event, cell_edits
from dechaff.records.review import QueueItem
from dechaff.records.review_index import FIXES, ReviewIndex, identity_of, review_index
from dechaff.records.review_state import ReviewState
from dechaff.records.run import Run
from dechaff.typing import Rows

PROPOSALS = "proposals.json"
_WRITTEN = [STATUSES.index("accepted"), STATUSES.index("edited")]


@dataclass
class Desk:
    """The review of one run; threads may share it."""

    run: Run
    data: Dataset | None = None
    source: Any = None
    progress: Progress = silent
    labels: tuple[str, Any] | None = field(default=None, repr=False)
    """The labels of a version of the findings, made on first use."""
    outlook: tuple[Any, Any] | None = field(default=None, repr=False)
    """What is expected of the next findings, and what that was computed from."""
    evidence: Any = field(default=None, repr=False)
    """What is shown beside rows, made on first use."""
    _state: ReviewState | None = field(default=None, repr=False)
    _proposed: tuple[int, dict[str, str]] | None = field(default=None, repr=False)
    _lock: threading.RLock = field(default_factory=threading.RLock, repr=False)

    @property
    def folder(self) -> Path:
        """The run folder."""
        return self.run.folder

    @property
    def state(self) -> ReviewState:
        """What was said so far; anew where the findings have changed since."""
        with self._lock:
            if self._state is None or self._state.index.identity != identity_of(self.folder):
                self.run = Run(self.folder)
                index = review_index(self.folder, self.rows.contents, self.rows.offsets, progress=self.progress)
                self.rows.kept_offsets = index.offsets
                self._state = ReviewState(index, self.run.decisions_path)
            state = self._state
        state.catch_up()
        return state

    @property
    def index(self) -> ReviewIndex:
        """The findings."""
        return self.state.index

    @cached_property
    def rows(self) -> ReviewRows:
        """The rows of the data, read where they stand."""
        return rows_of_run(self.run, self.data, self.source)

    @cached_property
    def made(self) -> MadeRows:
        """The rows that were made from others by data augmentation."""
        return MadeRows.of(self.run.scores_path)

    @cached_property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes."""
        return self.run.dataset.classes

    @cached_property
    def dropped_slices(self) -> frozenset[str]:
        """Slices whose rows are all to be left out."""
        return frozenset(one.id for one in self.run.metrics.slices if one.action == "drop")

    def items(self, numbers: Sequence[int] | Rows, state: ReviewState | None = None) -> list[QueueItem]:
        """Findings by number, with their status now."""
        state = state or self.state
        plain = [int(n) for n in numbers]
        proposed, dropped = self.proposed, self.dropped_slices
        return [
            structs.replace(
                item,
                suggested=(named := item.suggested or (proposed.get(item.row, "") if item.code == "L003" else "")),
                accepts=FIXES[state.index.fix[n]]
                or ("drop" if item.code == "L002" and item.group in dropped else "relabel" if named else ""),
                status=STATUSES[state.status[n]],
                reviewer="" if state.reviewer[n] < 0 else state.reviewers[state.reviewer[n]],
            )
            for n, item in zip(plain, state.index.items(plain), strict=True)
        ]

    @property
    def label(self) -> str:
        """The label column; '' if the labels were passed beside the data."""
        return self.run.dataset.label or ""

    @property
    def proposed(self) -> dict[str, str]:
        """Row -> the label that the last imported proposals suggest, in their order."""
        path = self.folder / PROPOSALS
        if not path.exists():
            return {}
        stamp = path.stat().st_mtime_ns
        if self._proposed is None or self._proposed[0] != stamp:
            self._proposed = stamp, msgspec.json.decode(path.read_bytes(), type=dict[str, str])
        return self._proposed[1]

    def numbers(self, finding_ids: Sequence[str]) -> list[int]:
        """Findings by their ids, or an InputError that names the first unknown one."""
        found = self.index.by_id(finding_ids)
        if -1 in found:
            unknown = finding_ids[found.index(-1)]
            raise InputError("the finding", "be one of this audit", repr(unknown), "Reload the queue: it may be gone.")
        return found

    def line(self, key: str) -> tuple[int, str, str, str]:
        """Place, id, key and given label of a row, by its key or else its id; an InputError if there is none."""
        index = self.index
        numbers = [number for number in index.of_row(key) if index.place[number] >= 0]
        if numbers:
            return index.row_of(numbers[0])
        lines = pl.scan_parquet(self.run.scores_path).select("row", "key", "given").with_row_index("place")
        found = lines.filter((pl.col("key") == key) | (pl.col("row") == key)).collect().rows()
        if not found:
            raise InputError(
                "the row", "be one of the audited data", repr(key), "Use the key of a finding, or a row id."
            )
        best = next((one for one in found if one[2] == key), found[0])
        return int(best[0]), best[1], best[2], best[3]

    def value_edits(self, state: ReviewState) -> list[Event]:
        """The decisions about all cells of a column that hold a value, as they stand."""
        whole = np.flatnonzero(state.index.place < 0)  # few, while the findings about rows may be a million
        said = whole[np.isin(state.status[whole], _WRITTEN)]
        keys = [item.key for item in self.items(said, state)]
        stand = cell_edits(read_events(self.run.decisions_path, keys=keys)) if keys else {}
        return [event for cells in stand.values() for event in cells.values()]

    def say(self, events: Sequence[Event], *, batch: str = "") -> list[Event]:
        """Write decisions to the log, all or none."""
        return self.run.add(events, batch=batch)


def now() -> str:
    """The time, as decisions carry it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
