"""Explore, baseline and improve on one data set."""

from __future__ import annotations

import numpy as np
import pytest

from dechaff.data.open import open_data
from dechaff.recipe.audit import given_labels
from dechaff.records.codes import CODES
from dechaff.records.policies import BOLD
from tests.recipe.audits import WEB, audit_of, audited, clouds, events_of, run_of
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
