"""Findings and scores as tables."""

from __future__ import annotations

import numpy as np

from dechaff.records.findings import Detection, Finding
from dechaff.records.frames import FINDINGS_SCHEMA, RowNames, findings_frame, named_findings, scores_frame

IDS = np.array(["p", "q", "r"], dtype=object)


def row(code, number, score, **more):
    return Finding(code, score, "why", "fix", row=number, **more)


def ids_of(*detections):
    return [(one.finding_id, one.finding.row) for one in named_findings(detections, np.arange(10))]


def test_findings_are_numbered_by_code_and_the_highest_score_first():
    found = ids_of(
        Detection("D001", (row("D001", 2, 0.9),)), Detection("L001", (row("L001", 0, 0.2), row("L001", 1, 0.8)))
    )
    assert found == [("L001-000001", 1), ("L001-000002", 0), ("D001-000001", 2)]


def test_ties_are_listed_by_row():
    assert ids_of(Detection("L001", (row("L001", 2, 0.5), row("L001", 0, 0.5)))) == [
        ("L001-000001", 0),
        ("L001-000002", 2),
    ]


def test_a_slice_comes_before_everything_and_its_rows_with_their_code():
    whole = Finding("L002", 0.3, "why", "fix", group="slice-1")
    found = ids_of(Detection("L001", (row("L001", 0, 1.0),)), Detection("L002", (row("L002", 1, 0.9), whole)))
    assert found == [("L002-000001", None), ("L001-000001", 0), ("L002-000002", 1)]


def test_the_order_of_detectors_and_findings_does_not_matter():
    one, two = Detection("L001", (row("L001", 0, 0.2), row("L001", 1, 0.8))), Detection("D001", (row("D001", 2, 0.9),))
    turned = Detection("L001", one.findings[::-1])
    assert ids_of(one, two) == ids_of(two, turned)


def test_a_check_that_was_not_run_is_a_finding_of_its_own():
    named = named_findings([Detection("L001", not_run="no reason at all")], np.arange(10))
    assert named[0].finding.code == "R001"
    assert named[0].finding.field == "L001"
    assert "no reason at all" in named[0].finding.why


def test_the_table_shows_the_ids_of_people():
    named = named_findings([Detection("L001", (row("L001", 1, 0.8, given="a", suggested="b"),))], np.arange(10))
    assert findings_frame(named, IDS).to_dicts()[0]["row"] == "q"


def test_findings_about_no_row_have_no_id():
    named = named_findings([Detection("F003", (Finding("F003", 1.0, "why", "fix", field="x"),))], np.arange(10))
    assert findings_frame(named, IDS)["row"].to_list() == [""]


def test_a_table_of_no_findings_has_its_columns():
    frame = findings_frame([], IDS)
    assert frame.schema == FINDINGS_SCHEMA
    assert frame.height == 0


def test_scores_have_one_line_a_row_and_two_columns_a_detector():
    names = RowNames(IDS, np.array(["k1", "k2", "k3"], dtype=object), np.array(["a", "", "b"], dtype=object))
    seen = Detection("L001", score=np.array([0.1, 0.0, 0.9]), flag=np.array([False, False, True]))
    frame = scores_frame([seen, Detection("F003")], names)
    assert frame.columns == ["row", "key", "given", "L001", "L001_flag"]
    assert frame["L001_flag"].to_list() == [False, False, True]
    assert frame["given"].to_list() == ["a", "", "b"]
