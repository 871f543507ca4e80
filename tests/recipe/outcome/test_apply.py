"""What decisions do to rows, and the list of changes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from dechaff.errors import RunError
from dechaff.recipe.outcome.apply import Changes, changes_among, changes_path, improved_rows
from dechaff.records.decisions import Event
from dechaff.records.run import Run

ROWS = [(0, "p", "k0:0", "a"), (1, "q", "k1:0", "b"), (2, "r", "k2:0", ""), (3, "s", "k3:0", "a")]


def changed(*events):
    return changes_among(ROWS, {event.key: event for event in events}, {"L001-000001": "it looks like b"})


def test_without_decisions_nothing_changes():
    assert changed().lines == ()
    assert changed().kept(4).all()
    assert changed().labels() == {}


def test_a_dropped_row_goes_and_is_listed_with_its_label_and_reason():
    result = changed(Event("k0:0", "p", "drop", code="L001", finding_id="L001-000001"))
    assert result.kept(4).tolist() == [False, True, True, True]
    change = result.lines[0]
    assert (change.row, change.change, change.old, change.new, change.why) == (
        "p",
        "dropped",
        "a",
        "",
        "it looks like b",
    )


def test_a_row_without_a_label_can_be_given_one():
    result = changed(Event("k2:0", "r", "relabel", new="b"))
    assert result.labels() == {2: "b"}
    assert result.lines[0].old == ""


@pytest.mark.parametrize("action", ["keep", "review"])
def test_rows_that_are_kept_or_set_aside_stay_as_they_are(action):
    assert changed(Event("k1:0", "q", action)).lines == ()


def test_the_label_that_a_row_has_is_no_change():
    assert changed(Event("k1:0", "q", "relabel", new="b")).lines == ()


def test_decisions_about_rows_that_are_gone_do_nothing():
    assert changed(Event("k9:0", "z", "drop")).kept(4).all()


def test_a_note_of_a_person_is_the_reason():
    result = changed(Event("k0:0", "p", "drop", finding_id="L001-000001", note="seen by hand"))
    assert result.lines[0].why == "seen by hand"


def test_test_rows_of_the_same_file_are_kept_and_each_audited_row_has_a_line(tmp_path):
    pl.DataFrame({"key": ["k1:0", "k3:0"]}).write_parquet(tmp_path / "scores.parquet")
    events = [Event("k1:0", "q", "drop"), Event("k3:0", "s", "relabel", new="b")]
    changes = changes_among([(0, *ROWS[1][1:]), (1, *ROWS[3][1:])], {event.key: event for event in events}, {})
    new = improved_rows(Run(tmp_path), [changes], np.array([1, 3]), 4)
    assert new.keep.tolist() == [True, False, True, True]
    assert dict(new.labels) == {3: "b"}
    with pytest.raises(RunError, match=r"scores\.parquet has 2 lines for 3 audited rows"):
        improved_rows(Run(tmp_path), [changes], np.array([1, 2, 3]), 4)


def test_the_list_has_its_columns_without_any_change():
    columns = Changes((), np.zeros(0, dtype=np.int64)).columns()
    assert list(columns) == ["row", "change", "old", "new", "code", "why", "key", "column"]


@pytest.mark.parametrize(
    ("output", "path"),
    [("a.csv", "a.changes.csv"), ("d/a.jsonl.gz", "d/a.changes.csv"), ("images", "images.changes.csv")],
)
def test_the_list_stands_beside_the_output(output, path):
    assert changes_path(Path(output)) == Path(path)


def test_folders_whose_names_differ_behind_a_point_have_a_list_each(tmp_path):
    for name in ("v1.2", "v1.3"):
        (tmp_path / name).mkdir()
    assert [changes_path(tmp_path / name).name for name in ("v1.2", "v1.3")] == ["v1.2.changes.csv", "v1.3.changes.csv"]


def test_a_folder_that_is_not_there_yet_has_its_whole_name_in_that_of_its_list():
    assert changes_path(Path("v1.2"), folder=True) == Path("v1.2.changes.csv")
