"""The log of decisions: undo and redo against a plain model, killed writers, and several processes at once."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from dechaff.errors import RunError
from dechaff.records.decision_log import append_events, read_events, redo, reviewed_after, undo
from dechaff.records.decisions import Event, current_state, live_events

ACTORS, KEYS = st.sampled_from(["ann", "bob"]), st.sampled_from(["a:0", "b:0", "c:0"])
WORDS = st.sampled_from(["keep", "drop", "relabel", "review"])


def _said(key: str, action: str, actor: str, label: str = "") -> Event:
    made = {"keep": "kept", "drop": "excluded", "relabel": "relabelled", "review": "flagged"}[action]
    return Event(key, key[0], action, "L001", new=label, status=made, source="human", actor=actor)


class UndoAndRedo(RuleBasedStateMachine):
    """Against two stacks for each reviewer, as any editor has them."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = _temporary_folder()
        self.path = self.folder / "decisions.sqlite"
        append_events(self.path, [Event("a:0", "a", "drop", "D001", "D001-1")])
        self.done: dict[str, list[list[int]]] = {"ann": [], "bob": []}
        self.undone: dict[str, list[list[int]]] = {"ann": [], "bob": []}

    @rule(actor=ACTORS, keys=st.lists(KEYS, min_size=1, max_size=3, unique=True), action=WORDS)
    def decide(self, actor, keys, action):
        events = append_events(self.path, [_said(key, action, actor, "x") for key in keys])
        self.done[actor].append([event.id for event in events])
        self.undone[actor] = []

    @rule(actor=ACTORS)
    def take_back(self, actor):
        found = undo(self.path, actor=actor, time="", version="")
        expected = self.done[actor].pop() if self.done[actor] else []
        assert [event.id for event in found] == expected
        if expected:
            self.undone[actor].append(expected)

    @rule(actor=ACTORS)
    def say_again(self, actor):
        found = redo(self.path, actor=actor, time="", version="")
        expected = self.undone[actor].pop() if self.undone[actor] else []
        assert [event.id for event in found] == expected
        if expected:
            self.done[actor].append(expected)

    @invariant()
    def what_holds_is_what_was_not_taken_back(self):
        log = read_events(self.path)
        live = {event.id for event in live_events(log)}
        assert live - {1} == {number for units in self.done.values() for unit in units for number in unit}
        plain = {}
        for event in log:
            if event.id in live and event.source == "human":
                plain[event.key] = event
        state = current_state(log)
        assert all(state[key] == event or state[key].source == "rule" for key, event in plain.items())
        assert [event.id for event in log] == list(range(1, len(log) + 1)), "the log only grows"


def _temporary_folder():
    import pathlib
    import tempfile

    return pathlib.Path(tempfile.mkdtemp())


UndoAndRedo.TestCase.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)
TestUndoAndRedo = UndoAndRedo.TestCase

WRITER = """
import sys
from pathlib import Path
from dechaff.records.decision_log import append_events
from dechaff.records.decisions import Event
path, actor, n = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
for number in range(n):
    key = f"{actor}{number}:0"
    (event,) = append_events(path, [Event(key, key, "keep", source="human", actor=actor)])
    print(key, flush=True)
"""


def _writer(path, actor, n):
    command = [sys.executable, "-c", WRITER, str(path), actor, str(n)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.parametrize("wait", [0.0, 0.02, 0.07])
def test_a_killed_writer_loses_nothing_that_it_had_reported(tmp_path, wait):
    path = tmp_path / "decisions.sqlite"
    with _writer(path, "ann", 10_000) as process:
        first = process.stdout.readline()
        time.sleep(wait)
        process.send_signal(signal.SIGKILL)
        reported = (first + process.stdout.read()).split()
    kept = [event.key for event in read_events(path)]
    assert kept[: len(reported)] == reported
    assert len(kept) <= len(reported) + 1
    append_events(path, [_said("z:0", "keep", "bob")])
    assert read_events(path)[-1].key == "z:0"


def test_several_processes_write_and_read_at_once(tmp_path):
    path = tmp_path / "decisions.sqlite"
    append_events(path, [Event("a:0", "a", "drop")])
    with _writer(path, "ann", 60) as ann, _writer(path, "bob", 60) as bob:
        seen = []
        while ann.poll() is None or bob.poll() is None:
            seen.append([event.id for event in read_events(path)])
        assert ann.wait() == bob.wait() == 0
    assert all(ids == list(range(1, len(ids) + 1)) for ids in seen)
    events = read_events(path)
    assert len(events) == 121
    for actor in ("ann", "bob"):
        own = [event.key for event in events if event.actor == actor]
        assert own == [f"{actor}{number}:0" for number in range(60)]


def test_a_batch_is_written_as_a_whole_or_not_at_all(tmp_path):
    path = tmp_path / "decisions.sqlite"
    append_events(path, [_said("a:0", "keep", "ann")])

    def some():
        yield _said("b:0", "keep", "ann")
        raise ValueError("stopped in the middle")

    with pytest.raises(ValueError, match="stopped"):
        append_events(path, some())
    assert [event.key for event in read_events(path)] == ["a:0"]


def test_batches_of_one_name_are_undone_one_by_one(tmp_path):
    path = tmp_path / "decisions.sqlite"
    for action in ("keep", "drop"):
        append_events(path, [_said("a:0", action, "ann"), _said("b:0", action, "ann")], batch="edited.csv")
    assert len(undo(path, actor="ann", time="", version="")) == 2
    assert {event.action for event in current_state(read_events(path)).values()} == {"keep"}


def test_a_reviewer_undoes_only_their_own(tmp_path):
    path = tmp_path / "decisions.sqlite"
    append_events(path, [_said("a:0", "keep", "ann")])
    append_events(path, [_said("b:0", "drop", "bob")])
    assert [event.key for event in undo(path, actor="ann", time="", version="")] == ["a:0"]
    assert undo(path, actor="ann", time="", version="") == []
    assert list(current_state(read_events(path))) == ["b:0"]


def test_a_log_of_an_earlier_version_gets_the_new_columns(tmp_path):
    path = tmp_path / "decisions.sqlite"
    with closing(sqlite3.connect(path)) as connection, connection:
        names = [
            "key",
            "row",
            "action",
            "code",
            "finding_id",
            "old",
            "new",
            "source",
            "actor",
            "time",
            "batch",
            "version",
            "note",
        ]
        columns = ", ".join(f"{name} TEXT NOT NULL" for name in names)
        connection.execute(f"CREATE TABLE events (id INTEGER PRIMARY KEY, {columns}, score REAL, reverts INTEGER)")
        marks = ", ".join("?" * len(names))
        values = ["a:0", "a", "drop", "D001", "", "", "", "human", "ann", "", "", "", ""]
        insert = f"INSERT INTO events ({', '.join(names)}, score, reverts) VALUES ({marks}, 0.5, 0)"
        connection.execute(insert, values)
    assert [(event.key, event.field, event.blind) for event in read_events(path)] == [("a:0", "", 0)]
    assert [event.key for event in undo(path, actor="ann", time="", version="")] == ["a:0"]


def test_a_log_of_a_newer_version_is_refused_and_stays(tmp_path):
    path = tmp_path / "decisions.sqlite"
    append_events(path, [_said("a:0", "keep", "ann")])
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    before = path.read_bytes()
    for call in (lambda: read_events(path), lambda: append_events(path, [_said("b:0", "keep", "ann")])):
        with pytest.raises(RunError, match="newer version"):
            call()
    assert path.read_bytes() == before


def test_a_read_only_folder_can_be_read_but_says_why_it_cannot_be_written(tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    path = folder / "decisions.sqlite"
    append_events(path, [_said("a:0", "keep", "ann")])
    path.chmod(0o444)
    folder.chmod(0o555)
    try:
        if os.access(path, os.W_OK):
            pytest.skip("this user may write everywhere")
        assert len(read_events(path)) == 1
        with pytest.raises(RunError, match="Cannot write the decisions"):
            append_events(path, [_said("b:0", "keep", "ann")])
    finally:
        folder.chmod(0o755)


def test_what_is_new_is_known_by_the_last_event(tmp_path):
    path = tmp_path / "decisions.sqlite"
    assert reviewed_after(path, 0) == (0, [])
    append_events(path, [_said("a:0", "keep", "ann"), Event("b:0", "b", "drop")])
    assert reviewed_after(path, 0) == (2, ["a:0"])
    assert reviewed_after(path, 2) == (2, [])
