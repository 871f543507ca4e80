"""Decisions: a log that is only ever added to, and its way through a spreadsheet."""

from __future__ import annotations

import pytest

from dechaff.errors import InputError, RunError
from dechaff.records.decision_log import append_events, read_events
from dechaff.records.decisions import Event, cell_edits, current_state, rule_changes
from dechaff.records.decisions_csv import check_decisions_csv, decisions_sheet, read_decisions_csv, sheet_bytes


def test_the_log_only_grows_and_is_read_back_in_order(tmp_path):
    path = tmp_path / "decisions.sqlite"
    append_events(path, [Event("a:0", "0", "drop", code="D001", score=0.5)])
    append_events(path, [Event("b:0", "1", "relabel", old="x", new="y", source="human", actor="me")])
    events = read_events(path)
    assert [(e.id, e.key, e.action, e.new) for e in events] == [(1, "a:0", "drop", ""), (2, "b:0", "relabel", "y")]
    assert not [p for p in tmp_path.iterdir() if p != path]


def test_the_same_events_give_the_same_bytes(tmp_path):
    for name in ("one", "two"):
        append_events(tmp_path / name, [Event("a:0", "0", "drop")])
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_a_person_stands_above_a_rule_and_undo_is_one_more_event():
    rule, human = Event("a", "0", "drop", id=1), Event("a", "0", "keep", source="human", id=2)
    later_rule = Event("a", "0", "relabel", new="z", id=3)
    assert current_state([rule, human, later_rule])["a"] == human
    undone = Event("a", "0", "keep", source="human", reverts=2, id=4)
    assert current_state([rule, human, later_rule, undone])["a"] == later_rule


def _of(code, action, number, **more):
    return Event("a", "0", action, code, status="kept", source="human", id=number, **more)


def test_a_decision_about_one_finding_leaves_those_about_others():
    rule = Event("a", "0", "relabel", "L001", new="z", id=1)
    assert current_state([rule, _of("C002", "keep", 2)])["a"] == rule, "another matter"
    assert current_state([rule, _of("L002", "keep", 2)])["a"].id == 2, "the label, too"
    dropped = [rule, _of("D001", "drop", 2), _of("L001", "relabel", 3, new="y")]
    assert current_state(dropped)["a"].id == 2, "of several the one that changes most"
    assert current_state([*dropped, _of("D001", "keep", 4)])["a"].id == 3
    assert current_state([*dropped, Event("a", "0", "keep", source="human", id=4)])["a"].id == 4, "the row as a whole"
    assert current_state([rule, _of("L001", "keep", 2), _of("L001", "open", 3)])["a"] == rule, "withdrawn"


def test_cells_stay_written_when_the_row_is_decided_as_a_whole():
    edit = Event("a", "0", "edit", field="age", new="4", status="edited", source="human", id=1)
    whole = Event("a", "0", "keep", source="human", id=2)
    assert cell_edits([edit, whole])["a"]["age"] == edit
    assert cell_edits([edit, whole, Event("a", "0", "undo", reverts=1, source="human", id=3)]) == {}


def test_auditing_again_says_nothing_new_and_takes_back_what_no_longer_holds():
    first = [Event("a", "0", "drop", id=1), Event("b", "1", "review", id=2)]
    human = Event("a", "0", "keep", source="human", id=3)
    assert rule_changes([*first, human], [Event("a", "0", "drop"), Event("b", "1", "review")]) == []
    changes = rule_changes(first, [Event("a", "0", "drop")])
    assert [(e.key, e.action) for e in changes] == [("b", "keep")]


def test_a_file_that_is_no_log_is_refused(tmp_path):
    path = tmp_path / "decisions.sqlite"
    path.write_bytes(b"not a database" * 100)
    with pytest.raises(RunError, match="Cannot read the decisions"):
        read_events(path)


def _edited(tmp_path, text):
    path = tmp_path / "decisions.csv"
    path.write_text(text, encoding="utf-8-sig")
    return path


KEYS = {"17": "aa:0", "18": "bb:0", "=1+1": "cc:0"}


def test_decisions_go_out_and_come_back(tmp_path):
    path = tmp_path / "d.csv"
    events = [Event("aa:0", "17", "relabel", old="cat", new="dog"), Event("cc:0", "=1+1", "drop", old="-1")]
    path.write_bytes(sheet_bytes(decisions_sheet(events, {}, {"": "copies-1"})))
    assert "copies-1" in path.read_text()
    assert "'=1+1" in path.read_text(), "a spreadsheet must not run an id as a formula"
    back = read_decisions_csv(path, keys=KEYS, class_names=["cat", "dog"])
    assert [(e.key, e.row, e.action, e.new) for e in back] == [
        ("aa:0", "17", "relabel", "dog"),
        ("cc:0", "=1+1", "drop", ""),
    ]
    assert all(e.source == "human" for e in back)


def test_lines_may_be_added_by_row_and_semicolons_are_read(tmp_path):
    path = _edited(tmp_path, "row;action;label\n18;Relabel;dog\n17;;\n")
    events = read_decisions_csv(path, keys=KEYS, class_names=["cat", "dog"])
    assert [(e.key, e.action, e.new) for e in events] == [("bb:0", "relabel", "dog")]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("17,relable,dog", "action in line 2.*must be an action; found 'relable'.*\n.*relabel"),
        ("17,relabel,dgo", "label in line 2.*'dgo'.*\n.*dog"),
        ("99,drop,", "row in line 2.*'99'"),
    ],
)
def test_a_wrong_line_is_named(tmp_path, line, says):
    path = _edited(tmp_path, f"row,action,label\n{line}\n")
    with pytest.raises(InputError, match=says):
        read_decisions_csv(path, keys=KEYS, class_names=["cat", "dog"])


def test_a_csv_without_the_columns_is_refused(tmp_path):
    path = _edited(tmp_path, "a,b\n1,2\n")
    with pytest.raises(InputError, match="columns row, action and label"):
        read_decisions_csv(path, keys=KEYS, class_names=["x"])
    with pytest.raises(InputError, match="columns row, action and label; found the columns a, b"):
        check_decisions_csv(path)
    with pytest.raises(InputError, match="found an empty file"):
        check_decisions_csv(_edited(tmp_path, ""))


def test_many_decisions_about_many_rows_are_read_in_one_look_at_the_rows(tmp_path):
    class Counted(dict):
        looks = 0

        def items(self):
            Counted.looks += 1
            return super().items()

    path = _edited(tmp_path, "row,action,label\n" + "17,drop,\n" * 50)
    assert len(read_decisions_csv(path, keys=Counted(KEYS), class_names=["x"])) == 50
    assert Counted.looks == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_spreadsheet_may_save_decisions_in_its_own_way(tmp_path, encoding, delimiter):
    lines = ["row,action,label,key", "7,Relabel,café,a:0"]
    path = tmp_path / "said.csv"
    path.write_bytes("\r\n".join(lines).replace(",", delimiter).encode(encoding))
    (event,) = read_decisions_csv(path, keys={"007": "a:0"}, class_names=["café", "thé"])
    assert (event.row, event.action, event.new) == ("007", "relabel", "café")


def test_decisions_that_are_not_there_are_told_as_such(tmp_path):
    with pytest.raises(InputError, match="No such file"):
        read_decisions_csv(tmp_path / "said.csv", keys={}, class_names=[])
