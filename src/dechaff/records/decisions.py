"""Decisions as an append-only log of events in SQLite; the current state is a fold over the events.

A rule (the policy of the audit) and reviewers write into the same log. A reviewer's decision overrides a rule's,
whichever came first. Nothing is ever overwritten: undo is one more event, which names the one that it reverts.
Events of rules have no time, so that the same audit gives the same bytes.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, fields
from operator import attrgetter
from pathlib import Path
from typing import Literal

from dechaff.core.files import write_whole
from dechaff.errors import RunError
from dechaff.records.metrics import DecisionCounts

Action = Literal["keep", "drop", "relabel", "review"]
ACTIONS: tuple[Action, ...] = ("keep", "drop", "relabel", "review")


@dataclass(frozen=True)
class Event:
    """One decision about one row.

    ``key`` is the row's identity (content hash and ordinal), ``row`` the id that is shown. ``old`` and
    ``new`` are labels; ``new`` is '' unless the action is *relabel*. ``source`` is *rule* or *human*;
    ``reverts`` is the id of the event that this one reverts, 0 for none.
    """

    key: str
    row: str
    action: Action
    code: str = ""
    finding_id: str = ""
    old: str = ""
    new: str = ""
    score: float = 0.0
    source: Literal["rule", "human"] = "rule"
    actor: str = ""
    time: str = ""
    batch: str = ""
    version: str = ""
    note: str = ""
    reverts: int = 0
    id: int = 0


_COLUMNS = tuple(f.name for f in fields(Event) if f.name != "id")
_TYPES = {"score": "REAL", "reverts": "INTEGER"}
_CREATE = "CREATE TABLE IF NOT EXISTS events (id INTEGER PRIMARY KEY, {})".format(
    ", ".join(f"{name} {_TYPES.get(name, 'TEXT')} NOT NULL" for name in _COLUMNS)
)
_INSERT = f"INSERT INTO events ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"
_values = attrgetter(*_COLUMNS)
_core = attrgetter("action", "new", "code", "finding_id")
_SELECT = f"SELECT {', '.join(_COLUMNS)}, id FROM events ORDER BY id"


def current_state(events: Iterable[Event]) -> dict[str, Event]:
    """Row key -> the event that holds now: the last one of a reviewer, else the last one of a rule.

    Examples
    --------
    >>> log = [Event("a", "0", "drop", id=1), Event("a", "0", "keep", source="human", id=2),
    ...         Event("a", "0", "relabel", new="cat", id=3)]
    >>> current_state(log)["a"].action
    'keep'
    """
    log = list(events)
    reverted = {event.reverts for event in log if event.reverts}
    state: dict[str, Event] = {}
    for event in log:
        if event.reverts or event.id in reverted:
            continue
        held = state.get(event.key)
        if held is None or event.source == "human" or held.source == "rule":
            state[event.key] = event
    return state


def counted_decisions(decided: Mapping[str, Event], keys: Sequence[str]) -> DecisionCounts:
    """The numbers of rows with these ``keys`` that are kept, dropped, relabelled or set aside, in all and by code.

    A row without a decision is kept. ``by_code`` leaves out decisions without a finding;
    ``by_reviewers`` counts the rows that a reviewer decided.

    Examples
    --------
    >>> counted_decisions({"a": Event("a", "0", "drop", code="L001")}, ["a", "b"])
    DecisionCounts(keep=1, drop=1, relabel=0, review=0, by_code={'L001': {'drop': 1}}, by_reviewers=0)
    """
    events = [decided[key] for key in keys if key in decided]
    counts = Counter(event.action for event in events)
    counts["keep"] += len(keys) - len(events)
    by_code: dict[str, Counter[str]] = {}
    for event in events:
        if event.code:
            by_code.setdefault(event.code, Counter())[event.action] += 1
    return DecisionCounts(
        **{action: counts[action] for action in ACTIONS},
        by_code={code: dict(sorted(by_code[code].items())) for code in sorted(by_code)},
        by_reviewers=sum(event.source == "human" for event in events),
    )


def read_events(path: Path) -> list[Event]:
    """All events of a log, oldest first; none if there is no log yet."""
    if not path.exists():
        return []
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            return [Event(*row) for row in connection.execute(_SELECT)]
    except sqlite3.DatabaseError as error:
        raise RunError(
            f"Cannot read the decisions in {path.name}: {error}.",
            fix="Restore the file from a copy, or delete it and audit again.",
        ) from error


def append_events(path: Path, events: Iterable[Event]) -> None:
    """Add events at the end of a log. The new log replaces the old one whole, or not at all."""
    new = list(events)
    if not new and path.exists():
        return

    with closing(sqlite3.connect(":memory:")) as connection:
        if path.exists():
            connection.deserialize(path.read_bytes())
        with connection:
            connection.execute(_CREATE)
            connection.executemany(_INSERT, map(_values, new))
        write_whole(path, connection.serialize())


def write_first_events(path: Path, events: Iterable[Event]) -> None:
    """A new log of any number of events, written to a temporary file as they come and then renamed."""
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    with closing(sqlite3.connect(part)) as connection, connection:
        connection.execute(_CREATE)
        connection.executemany(_INSERT, map(_values, events))
    part.replace(path)


def rule_changes(events: Iterable[Event], proposed: Iterable[Event]) -> list[Event]:
    """The proposals of a rule that are not in the log yet; rows that it no longer proposes to change are kept again.

    Auditing the same data twice therefore adds nothing to the log, and decisions of reviewers stay.
    """
    wanted = {event.key: event for event in proposed}
    logged = current_state(event for event in events if event.source == "rule")
    changes = [event for key, event in wanted.items() if key not in logged or _core(logged[key]) != _core(event)]
    for key, event in logged.items():
        if key not in wanted and event.action != "keep":
            changes.append(Event(key, event.row, "keep", old=event.old, version=event.version))
    return changes
