"""What decisions do to rows, and the list of changes."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from dechaff.recipe.outcome.apply import apply_decisions, changes_columns, changes_path
from dechaff.records.decisions import Event
from tests.recipe.made import column, made

TRAIN = made(
    [column("x", [1, 2, 3, 4])], ["a", "b", None, "a"], ids=["p", "q", "r", "s"], source=SimpleNamespace(n_rows=4)
)


def applied(*events):
    return apply_decisions(TRAIN, {event.key: event for event in events}, {"L001-000001": "it looks like b"})


def test_without_decisions_nothing_changes():
    result = applied()
    assert result.keep.all()
    assert result.labels == {}
    assert result.changes == ()


def test_a_dropped_row_goes_and_is_listed_with_its_label_and_reason():
    result = applied(Event("k0:0", "p", "drop", code="L001", finding_id="L001-000001"))
    assert result.keep.tolist() == [False, True, True, True]
    change = result.changes[0]
    assert (change.row, change.change, change.old, change.new, change.why) == (
        "p",
        "dropped",
        "a",
        "",
        "it looks like b",
    )


def test_a_row_without_a_label_can_be_given_one():
    result = applied(Event("k2:0", "r", "relabel", new="b"))
    assert result.labels == {2: "b"}
    assert result.changes[0].old == ""


@pytest.mark.parametrize("action", ["keep", "review"])
def test_rows_that_are_kept_or_set_aside_stay_as_they_are(action):
    assert applied(Event("k1:0", "q", action)).changes == ()


def test_the_label_that_a_row_has_is_no_change():
    assert applied(Event("k1:0", "q", "relabel", new="b")).changes == ()


def test_decisions_about_rows_that_are_gone_do_nothing():
    assert applied(Event("k9:0", "z", "drop")).keep.all()


def test_a_note_of_a_person_is_the_reason():
    result = applied(Event("k0:0", "p", "drop", finding_id="L001-000001", note="seen by hand"))
    assert result.changes[0].why == "seen by hand"


def test_sealed_rows_of_the_same_file_are_kept():
    some = TRAIN.take([1, 3])
    result = apply_decisions(some, {"k1:0": Event("k1:0", "q", "drop")}, {})
    assert result.keep.tolist() == [True, False, True, True]


def test_the_list_has_its_columns_without_any_change():
    assert list(changes_columns(())) == ["row", "change", "old", "new", "code", "why", "key"]


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
