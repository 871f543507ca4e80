"""What reviewers have decided about each finding, kept up with the log of decisions as it grows."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from dechaff.records.decision_log import read_events, reviewed_after
from dechaff.records.decisions import STATUSES, Event, live_events
from dechaff.records.review_index import ReviewIndex
from dechaff.typing import Mask

_FEW = 500
"""Up to this many rows are read one by one; for more, the whole log is read again."""

_VERDICTS = {"keep": 0, "relabel": 1, "drop": 1}


@dataclass
class ReviewState:
    """Status and reviewer of each finding of an index, and who decided what."""

    index: ReviewIndex
    log: Path
    status: npt.NDArray[np.uint8] = field(init=False, repr=False)
    """Places in `STATUSES`."""
    reviewer: npt.NDArray[np.int32] = field(init=False, repr=False)
    """Places in `reviewers`, -1 for none."""
    conflict: Mask = field(init=False, repr=False)
    verdict: npt.NDArray[np.int8] = field(init=False, repr=False)
    """Of the label or the row by the last reviewer: 1 changed, 0 kept, -1 not judged, as by a bulk decision."""
    unseen: Mask = field(init=False, repr=False)
    """Decided in bulk, without a look at each."""
    reviewers: list[str] = field(default_factory=list)
    by_reviewer: dict[int, dict[str, Event]] = field(default_factory=dict, repr=False)
    """Finding -> reviewer -> the last decision of that reviewer about it."""
    _last: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __post_init__(self) -> None:
        n = len(self.index)
        self.status, self.reviewer = np.zeros(n, dtype=np.uint8), np.full(n, -1, dtype=np.int32)
        self.conflict, self.verdict = np.zeros(n, dtype=np.bool_), np.full(n, -1, dtype=np.int8)
        self.unseen = np.zeros(n, dtype=np.bool_)

    def catch_up(self) -> None:
        """Take in what was written to the log since, by this process or another."""
        with self._lock:
            last, keys = reviewed_after(self.log, self._last)
            if keys:
                events = read_events(self.log, by_reviewers=True, keys=keys if len(keys) <= _FEW else None)
                self._take(keys, events)
            self._last = last

    def _take(self, keys: Sequence[str], events: Sequence[Event]) -> None:
        by_key: dict[str, list[Event]] = {key: [] for key in keys}
        for event in events:
            if event.source == "human" and event.key in by_key:
                by_key[event.key].append(event)
        live = {key: list(live_events(some)) for key, some in by_key.items()}
        for key, number, code, name in self.index.of_keys(keys):
            about = [event for event in live[key] if _is_about(event, code, name)]
            self._set(number, about)

    def _set(self, number: int, about: Sequence[Event]) -> None:
        """The decisions about one finding that are not reverted, oldest first."""
        latest: dict[str, Event] = {}
        for event in about:
            latest.pop(event.actor, None)
            if event.action != "open":
                latest[event.actor] = event
        last = about[-1] if about else None
        self.status[number] = STATUSES.index(last.made) if last is not None else 0
        self.reviewer[number] = -1 if last is None or last.action == "open" else self._number(last.actor)
        judged = {(event.action, event.new) for event in latest.values() if event.action != "review"}
        self.conflict[number] = len(judged) > 1
        self.unseen[number] = last is not None and last.unseen
        self.verdict[number] = -1 if last is None or last.unseen else _VERDICTS.get(last.action, -1)
        if latest:
            self.by_reviewer[number] = latest
        else:
            self.by_reviewer.pop(number, None)

    def _number(self, actor: str) -> int:
        if actor not in self.reviewers:
            self.reviewers.append(actor)
        return self.reviewers.index(actor)


def _is_about(event: Event, code: str, name: str) -> bool:
    """Whether a decision about a row is about its finding of a code, and of a column if the finding is about a cell."""
    return not event.status or (event.code == code and (code[:1] != "C" or event.field in ("", name)))
