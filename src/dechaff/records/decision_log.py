"""The log of decisions as an SQLite database in write-ahead mode: any number of readers beside one writer at a time.

One call is one transaction, synced to the disk before it returns (``synchronous=FULL``): a decision that was
acknowledged survives a killed process and a power cut. That costs a few milliseconds per call.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import fields, replace
from operator import attrgetter
from pathlib import Path

from dechaff.errors import RunError
from dechaff.records.decisions import Event
from dechaff.typing import Rows

_VERSION = 1
_PATIENCE = 60.0
"""Seconds to wait while another process writes."""
_COLUMNS = tuple(field.name for field in fields(Event) if field.name != "id")
_TYPES = {"score": "REAL", "reverts": "INTEGER", "blind": "INTEGER"}
_DEFINED = {name: f"{name} {_TYPES.get(name, 'TEXT')} NOT NULL" for name in _COLUMNS}
_CREATE = (
    f"CREATE TABLE IF NOT EXISTS events (id INTEGER PRIMARY KEY, {', '.join(_DEFINED.values())})",
    "CREATE INDEX IF NOT EXISTS reviewed ON events (actor, id) WHERE source = 'human'",
    "CREATE INDEX IF NOT EXISTS about ON events (key) WHERE source = 'human'",
    "CREATE INDEX IF NOT EXISTS reverted ON events (reverts) WHERE reverts > 0",
    f"PRAGMA user_version = {_VERSION}",
)
_INSERT = f"INSERT INTO events ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"
_SELECT = f"SELECT {', '.join(_COLUMNS)}, id FROM events"
_values = attrgetter(*_COLUMNS)
_STANDS = """NOT EXISTS (SELECT 1 FROM events u WHERE u.reverts = events.id AND u.reverts > 0
 AND NOT EXISTS (SELECT 1 FROM events r WHERE r.reverts = u.id AND r.reverts > 0))"""


def read_events(path: Path, *, by_reviewers: bool = False, keys: Sequence[str] | None = None) -> list[Event]:
    """Events of a log, oldest first; none if there is no log yet.

    Parameters
    ----------
    path : the log.
    by_reviewers : only those of reviewers.
    keys : only those of reviewers about these rows, row by row.
    """
    if not path.exists():
        return []
    where, values = "WHERE source = 'human' " if by_reviewers or keys is not None else "", list[tuple[str, ...]]([()])
    if keys is not None:
        where, values = f"{where}AND key = ? ", [(key,) for key in keys]
    with reading(path) as connection:
        query = f"{_SELECT} {where}ORDER BY id"
        return [Event(*row) for some in values for row in connection.execute(query, some)]


def event_keys(path: Path, most: int) -> Iterator[tuple[list[int], list[str]]]:
    """Id of each event and key of its row, oldest first and up to `most` at a time."""
    if not path.exists():
        return
    with reading(path) as connection:
        found = connection.execute("SELECT id, key FROM events ORDER BY id")
        while some := found.fetchmany(most):
            yield [number for number, _ in some], [key for _, key in some]


def events_numbered(path: Path, numbers: Rows) -> list[Event]:
    """The events with these ids, in their order."""
    with reading(path) as connection:
        one = f"{_SELECT} WHERE id = ?"
        return [Event(*row) for number in numbers.tolist() for row in connection.execute(one, (number,))]


def events_without_row(path: Path) -> list[Event]:
    """The events of reviewers that are about no single row, such as a value of a column; oldest first."""
    if not path.exists():
        return []
    with reading(path) as connection:
        query = f"{_SELECT} WHERE source = 'human' AND row = '' ORDER BY id"
        return [Event(*row) for row in connection.execute(query)]


def reviewed_after(path: Path, event: int) -> tuple[int, list[str]]:
    """The id of the last event, and the keys of rows that reviewers decided about since one with this id."""
    if not path.exists():
        return 0, []
    with reading(path) as connection:
        (last,) = connection.execute("SELECT coalesce(max(id), 0) FROM events").fetchone()
        if last == event:
            return last, []
        found = connection.execute("SELECT DISTINCT key FROM events WHERE source = 'human' AND id > ?", (event,))
        return last, [key for (key,) in found]


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that sees the log as it is now; a RunError if the file cannot be read."""
    name, writable = path.resolve().as_uri(), os.access(path.parent, os.W_OK) and os.access(path, os.W_OK)
    try:
        # In a folder that is read-only no other process writes either.
        mode = "mode=rw" if writable else "mode=ro&immutable=1"
        with closing(sqlite3.connect(f"{name}?{mode}", uri=True, timeout=_PATIENCE)) as connection:
            if _version_of(connection, path) < _VERSION and writable:
                with _writing(path):
                    pass  # which adds what an earlier version lacks
            yield connection
    except sqlite3.DatabaseError as error:
        raise RunError(
            f"Cannot read the decisions in {path.name}: {error}.",
            fix="Restore the file from a copy, or delete it and audit again.",
        ) from error


def append_events(path: Path, events: Iterable[Event], *, batch: str = "") -> list[Event]:
    """Add events at the end of a log, all of them or none, and return them with their ids.

    Several events are one batch, which is undone as a whole; `batch` names it, and a number makes the name unique.

    Raises
    ------
    RunError
        If the log cannot be written.
    """
    new = list(events)
    if not new and path.exists():
        return []
    with _writing(path) as connection:
        return _append(connection, new, batch)


def undo(path: Path, *, actor: str, time: str, version: str) -> list[Event]:
    """Revert the last decision, or batch of decisions, of a reviewer that stands; the reverted ones, none if none."""
    with _writing(path) as connection:
        wanted = f"source = 'human' AND actor = ? AND reverts = 0 AND {_STANDS}"
        return _reverted(connection, wanted, actor, replace(_MARK, action="undo", time=time, version=version))


def redo(path: Path, *, actor: str, time: str, version: str) -> list[Event]:
    """Revert the last undo of a reviewer, unless there was a new decision since; what holds again, none if none."""
    with _writing(path) as connection:
        wanted = f"""source = 'human' AND actor = ? AND action = 'undo' AND {_STANDS} AND id > coalesce(
            (SELECT max(id) FROM events d WHERE d.source = 'human' AND d.actor = events.actor AND d.reverts = 0), 0)"""
        undone = _reverted(connection, wanted, actor, replace(_MARK, action="redo", time=time, version=version))
        return [Event(*connection.execute(f"{_SELECT} WHERE id = ?", (one.reverts,)).fetchone()) for one in undone]


_MARK = Event("", "", "undo")


def _reverted(connection: sqlite3.Connection, wanted: str, actor: str, mark: Event) -> list[Event]:
    """Reverts the last wanted event together with its batch."""
    row = connection.execute(f"{_SELECT} WHERE {wanted} ORDER BY id DESC LIMIT 1", (actor,)).fetchone()
    if row is None:
        return []
    last = Event(*row)
    found = [last]
    if last.batch:
        same = f"{_SELECT} WHERE {wanted} AND batch = ? ORDER BY id"
        found = [Event(*one) for one in connection.execute(same, (actor, last.batch))]
    _append(
        connection,
        [
            replace(one, action=mark.action, time=mark.time, version=mark.version, reverts=one.id, batch="", note="")
            for one in found
        ],
        mark.action if len(found) > 1 else "",
    )
    return found


def _append(connection: sqlite3.Connection, events: Sequence[Event], batch: str) -> list[Event]:
    (last,) = connection.execute("SELECT coalesce(max(id), 0) FROM events").fetchone()
    named = f"{batch or 'batch'} {last + 1}" if batch or len(events) > 1 else ""
    numbered = [
        replace(event, id=last + number, batch=event.batch or (named if event.source == "human" else ""))
        for number, event in enumerate(events, start=1)
    ]
    connection.executemany(_INSERT, map(_values, numbered))
    return numbered


@contextmanager
def _writing(path: Path) -> Iterator[sqlite3.Connection]:
    """One transaction, synced to the disk at the end of the block; nothing is written if that fails."""
    try:
        with closing(sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous = FULL")
            _write_ahead(connection)
            connection.execute("BEGIN IMMEDIATE")
            try:
                if _version_of(connection, path) < _VERSION:
                    _upgrade(connection)
                for line in _CREATE:
                    connection.execute(line)
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")
    except sqlite3.DatabaseError as error:
        raise RunError(
            f"Cannot write the decisions to {path}: {error}.",
            fix="Check the permissions and the space on the disk; nothing was written, and earlier decisions stay.",
        ) from error


def _write_ahead(connection: sqlite3.Connection) -> None:
    """If write-ahead mode is not available (a network drive, or another process is reading), locks do as well."""
    try:
        connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.OperationalError as error:
        if "locked" not in str(error):
            raise


def _upgrade(connection: sqlite3.Connection) -> None:
    """Add the columns that a log of an earlier version lacks."""
    known = {row[1] for row in connection.execute("PRAGMA table_info(events)")}
    for name in _COLUMNS if known else ():
        if name not in known:
            empty = "0" if name in _TYPES else "''"
            connection.execute(f"ALTER TABLE events ADD COLUMN {_DEFINED[name]} DEFAULT {empty}")


def _version_of(connection: sqlite3.Connection, path: Path) -> int:
    """The version of the log, or a RunError if it is a later one than this."""
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > _VERSION:
        raise RunError(
            f"The decisions in {path} were written by a newer version of dechaff.", fix="Update: pip install -U dechaff"
        )
    return version


def write_first_events(path: Path, events: Iterable[Event]) -> None:
    """A new log of any number of events, written to a temporary file as they come and then renamed."""
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    with closing(sqlite3.connect(part)) as connection, connection:
        for line in _CREATE:
            connection.execute(line)
        connection.executemany(_INSERT, map(_values, events))
    part.replace(path)
