from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from dechaff.report.json_form import SCHEMA_NAME, Report, render_json, report_schema
from tests.report.hostile_run import hostile_run
from tests.report.sample_run import Inputs, believable_run, empty_run, recorded

PUBLISHED = Path(__file__).parents[2] / "docs" / "report-schema.json"


def test_the_published_schema_is_the_one_that_is_written() -> None:
    current = json.dumps(report_schema(), indent=2, sort_keys=True) + "\n"
    assert PUBLISHED.read_text(encoding="utf-8") == current, (
        "docs/report-schema.json is out of date: write it anew with "
        "json.dumps(report_schema(), indent=2, sort_keys=True), and raise SCHEMA_NAME if a field changed its meaning"
    )


@pytest.mark.parametrize("inputs", [believable_run(), hostile_run(length=500), empty_run()])
def test_the_report_follows_its_schema_and_is_plain_json(inputs: Inputs) -> None:
    report = render_json(recorded(*inputs))
    assert json.loads(json.dumps(report, allow_nan=False)) == report
    assert msgspec.convert(report, Report).schema == SCHEMA_NAME


def test_every_finding_is_in_the_report() -> None:
    inputs = believable_run()
    report = render_json(recorded(*inputs))
    assert len(report["findings"]) == inputs[3].height
    assert report["findings"][0]["row"] == "R4000"
    assert report["verdict"]["word"] == "Better"
    assert report["metrics"]["class_health"][0]["class"] == "good"


def test_times_and_threads_are_left_out() -> None:
    options = render_json(recorded(*believable_run()))["options"]
    assert {"started", "seconds", "threads", "out"}.isdisjoint(options)
    assert options["seed"] == 0


def test_what_is_not_a_number_is_null() -> None:
    metrics, examples, options, findings = believable_run()
    metrics["noise"]["rate"] = float("nan")
    assert render_json(recorded(metrics, examples, options, findings))["metrics"]["noise"]["rate"] is None
