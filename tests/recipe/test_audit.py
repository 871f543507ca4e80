"""Explore, baseline and improve on one data set."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from dechaff.data.open import open_data
from dechaff.recipe.audit import given_labels
from dechaff.records.codes import CODES
from dechaff.records.policies import BOLD
from tests.recipe.audits import WEB, N, audit_of, audited, clouds, events_of, run_of
from tests.recipe.made import column, made


def test_detections_stand_in_the_order_of_the_codes():
    order = list(CODES)
    codes = [one.code for one in audited().detections]
    assert codes == sorted(codes, key=order.index)
    assert {"L001", "L002", "D001", "F003"} <= set(codes)


def test_findings_have_ids_that_are_all_different():
    findings = run_of(audited().outcome()).findings
    assert findings["finding_id"].is_unique().all()
    assert findings["code"][0] == "L002"


def test_events_are_the_decisions_that_are_not_keep():
    seen = audited()
    run = run_of(seen.outcome())
    events = run.events()
    assert {event.action for event in events} <= {"drop", "relabel", "review"}
    assert len(events) == (seen.improved.decided.action > 0).sum()
    by_row = {event.row: event for event in events}
    first = by_row["0"]
    assert (first.action, first.code, first.old, first.new, first.source, first.time) == (
        "relabel",
        "L002",
        "top",
        "low",
        "rule",
        "",
    )
    assert run.findings.filter(finding_id=first.finding_id)["row"].to_list() == ["0"]
    assert WEB[0]


def test_missing_labels_have_no_name():
    assert given_labels(made([column("x", [1, 2])], ["a", None])).tolist() == ["a", ""]


@pytest.mark.slow
def test_the_same_data_and_seed_give_the_same_decisions():
    again = audit_of(open_data(clouds(), label="label", categorical=("source",)), policy=BOLD)
    assert events_of(again) == events_of(audited())


@pytest.mark.slow
def test_the_order_of_rows_does_not_decide_which_slice_is_found():
    turned = clouds().reverse()
    seen = audit_of(open_data(turned, label="label", categorical=("source",)), policy=BOLD)
    assert [one.condition.words for one in seen.slices.found] == ["source is 'web'"]


def test_sealed_rows_are_not_judged():
    seen = audit_of(open_data(clouds(), label="label", categorical=("source",), test_size=0.2))
    assert len(seen.train) + len(seen.opened.test) == 200
    assert len(seen.improved.decided.action) == len(seen.train)
    sealed = set(seen.opened.test.ids.tolist())
    assert sealed.isdisjoint(event.row for event in events_of(seen))
    assert np.isfinite(seen.improved.probs).all()


def figures():
    return json.loads((run_of(audited().outcome()).folder / "metrics.json").read_bytes())


def test_figures_are_plain_json_and_the_same_every_time():
    assert figures() == figures()


def test_the_data_set_is_described():
    data = figures()["dataset"]
    assert (data["rows"], data["test_rows"], data["label"]) == (N, 0, "label")
    assert data["classes"] == ["low", "top"]
    assert sum(data["class_counts"]) == N
    assert {one["name"]: one["kind"] for one in data["columns"]} == {
        "x": "numeric",
        "y": "numeric",
        "source": "categorical",
    }


def test_decisions_add_up_over_rows_and_codes():
    decided = figures()["decisions"]
    assert sum(decided[action] for action in ("keep", "drop", "relabel", "review")) == N
    by_code = decided["by_code"]
    assert sum(by_code["L002"].values()) == 40
    assert sum(count for one in by_code.values() for count in one.values()) == N - decided["keep"]


def test_every_check_is_listed_with_its_findings():
    checks = {one["code"]: one for one in figures()["checks"]}
    named = run_of(audited().outcome()).findings["code"].to_list()
    assert all(named.count(code) == check["findings"] for code, check in checks.items())
    assert {check["status"] for check in checks.values()} <= {"done", "not run"}


def test_histograms_count_every_row_once():
    for one in figures()["histograms"].values():
        assert sum(one["counts"]) == N
        assert all(flagged <= count for flagged, count in zip(one["flagged"], one["counts"], strict=True))


def test_a_slice_is_described_in_words_with_its_interval():
    one = figures()["slices"][0]
    assert one["condition"] == "source is 'web'"
    assert one["action"] == "relabel"
    assert 0 <= one["low"] <= one["noise_rate"] <= one["high"] <= 1


def test_decisions_are_counted_without_reading_them_until_there_are_reviewers(monkeypatch):
    run = run_of(audited().outcome())
    counted = run.metrics.decisions
    event = run.events()[0]
    run.add([replace(event, action="keep", new="", source="human", actor="me")])
    assert run.metrics.decisions.keep == counted.keep + 1
    assert run.metrics.decisions.by_reviewers == 1
    again = run_of(audited().outcome())
    monkeypatch.setattr(type(again), "events", lambda self: pytest.fail("all decisions were read"))
    assert again.metrics.decisions == counted
