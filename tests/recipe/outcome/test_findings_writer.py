"""Findings are sorted and numbered, in memory as on the disk."""

from __future__ import annotations

import numpy as np
import polars as pl

from dechaff.recipe.outcome.findings_writer import FindingsWriter, write_findings
from dechaff.records.findings import FINDINGS_SCHEMA, Detection, Finding, not_run_finding

IDS = np.array(["p", "q", "r"], dtype=object)


def row(code, number, score, **more):
    return Finding(code, score, "why", "fix", row=number, **more)


def written(folder, *detections):
    writer = FindingsWriter()
    for one in detections:
        writer.add(one.findings, IDS.__getitem__)
    write_findings([writer], folder / "findings.parquet", lambda *_: None)
    return pl.read_parquet(folder / "findings.parquet")


def ids_of(folder, *detections):
    return written(folder, *detections).select("finding_id", "row").rows()


def test_findings_are_numbered_by_code_and_the_highest_score_first(tmp_path):
    found = ids_of(
        tmp_path,
        Detection("D001", (row("D001", 2, 0.9),)),
        Detection("L001", (row("L001", 0, 0.2), row("L001", 1, 0.8))),
    )
    assert found == [("L001-000001", "q"), ("L001-000002", "p"), ("D001-000001", "r")]


def test_ties_are_listed_by_row(tmp_path):
    assert ids_of(tmp_path, Detection("L001", (row("L001", 2, 0.5), row("L001", 0, 0.5)))) == [
        ("L001-000001", "p"),
        ("L001-000002", "r"),
    ]


def test_a_slice_comes_before_everything_and_its_rows_with_their_code(tmp_path):
    whole = Finding("L002", 0.3, "why", "fix", group="slice-1")
    found = ids_of(tmp_path, Detection("L001", (row("L001", 0, 1.0),)), Detection("L002", (row("L002", 1, 0.9), whole)))
    assert found == [("L002-000001", ""), ("L001-000001", "p"), ("L002-000002", "q")]


def test_the_order_of_detectors_and_findings_does_not_matter(tmp_path):
    one, two = Detection("L001", (row("L001", 0, 0.2), row("L001", 1, 0.8))), Detection("D001", (row("D001", 2, 0.9),))
    turned = Detection("L001", one.findings[::-1])
    assert ids_of(tmp_path, one, two) == ids_of(tmp_path, two, turned)


def test_a_check_that_was_not_run_is_a_finding_of_its_own():
    found = not_run_finding(Detection("L001", not_run="no reason at all"))
    assert (found.code, found.field) == ("R001", "L001")
    assert "no reason at all" in found.why


def test_findings_about_no_row_have_no_id(tmp_path):
    found = written(tmp_path, Detection("F003", (Finding("F003", 1.0, "why", "fix", field="x"),)))
    assert found["row"].to_list() == [""]


def test_a_table_of_no_findings_has_its_columns(tmp_path):
    found = written(tmp_path)
    assert found.schema == FINDINGS_SCHEMA
    assert found.height == 0
