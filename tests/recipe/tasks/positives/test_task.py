from __future__ import annotations

import json
from dataclasses import replace
from functools import cache

import numpy as np
import polars as pl
import pytest

from dechaff.data.open_positives import open_positives
from dechaff.recipe import audit as driver
from dechaff.recipe.audit import Audited
from dechaff.recipe.explore.explore import STOPPED, explore
from dechaff.recipe.outcome.content import Command
from dechaff.recipe.tasks.positives import task as module
from dechaff.recipe.tasks.positives.task import TITLES
from dechaff.records.findings import Detection
from dechaff.records.options import PUOptions
from dechaff.records.policies import BOLD
from dechaff.records.run import json_bytes
from tests.recipe.audits import events_of, run_of
from tests.recipe.tasks.positives.positives import N, audit_of, audited, columns, judged, opened, truth


def findings(seen: Audited) -> pl.DataFrame:
    return run_of(seen.outcome()).findings


def _codes(seen: Audited) -> dict[str, str]:
    return {one.code: one.not_run for one in seen.detections}


def test_what_needs_no_classes_is_looked_for_as_in_any_audit():
    assert list(_codes(audited())) == [
        "L006", "S002", "D001", "D002", "D004", "C001", "C002", "C003", "C004",
        "F001", "F002", "F003", "F004", "F006", "F007", "O001", "P001", "P002",
    ]  # fmt: skip
    assert not any(_codes(audited()).values())


def test_hidden_positives_are_found_and_named():
    found = set(map(int, findings(audited()).filter(code="P001")["row"]))
    hidden = set(np.flatnonzero(truth() & ~opened().labelled).tolist()) | {1}
    assert len(found & hidden) > 0.9 * len(found)
    assert len(found & hidden) > 0.9 * len(hidden)


def test_an_unlabelled_copy_of_a_labelled_row_is_named():
    first = findings(audited()).row(by_predicate=pl.col("row") == "1", named=True)
    assert (first["code"], first["suggested"]) == ("P001", "yes")
    assert "The same input as row 0, which is labelled 'yes'." in first["why"]


def test_no_row_is_dropped_and_copies_are_set_aside():
    events = {event.row: event for event in events_of(audited())}
    assert {event.action for event in events.values()} <= {"relabel", "review"}
    assert (events["3"].action, events["3"].code) == ("review", "D001")
    assert "2" not in events or events["2"].code != "D001"


@pytest.mark.slow
def test_nothing_is_said_of_a_row_that_could_not_be_read(monkeypatch: pytest.MonkeyPatch):
    whole = explore(opened().train)
    unread = np.arange(len(whole.unread)) != 1
    monkeypatch.setattr(driver, "explore_view", lambda *_, **__: replace(whole, unread=unread))
    seen = audit_of(opened())
    assert set(findings(seen).filter(pl.col("code").str.starts_with("P"))["row"]) <= {"1"}


def test_rows_that_no_model_can_judge_are_said_not_to_be_judged():
    data = columns()
    data["x"] = np.random.default_rng(0).permutation(data["x"]).tolist()
    seen = audit_of(open_positives(data, label="s"), policy=BOLD)
    assert seen.improved.positives is not None
    assert seen.improved.positives.c is None
    assert _codes(seen)["P001"].startswith("No model can separate rows labelled 'yes'")
    assert "relabel" not in {event.action for event in events_of(seen)}


@pytest.mark.parametrize(
    ("error", "words"), [(ValueError("odd"), "ValueError: odd"), (KeyboardInterrupt(), "stopped by Ctrl-C")]
)
def test_what_fails_is_said_and_the_rest_stands(error: BaseException, words: str, monkeypatch: pytest.MonkeyPatch):
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(module, "judge", fail)
    seen = audit_of(opened())
    assert _codes(seen)["P001"] == _codes(seen)["P002"] == words
    assert _codes(seen)["D001"] == ""


def _noise(n: int = 120):
    random = np.random.default_rng(0)
    data = {"x": random.normal(size=n).tolist(), "s": ["yes" if one < 0.3 else None for one in random.random(n)]}
    return open_positives(data, label="s")


def test_a_model_that_knows_nothing_of_the_label_is_not_trusted():
    base = audit_of(_noise()).base
    assert not base.trusted
    assert base.reason.startswith("No model can separate rows labelled 'yes' from the others")


def test_once_it_was_stopped_nothing_is_trained(monkeypatch: pytest.MonkeyPatch):
    found = _noise()
    stopped = replace(explore(found.train), detections=(Detection("D001", not_run=STOPPED),))
    monkeypatch.setattr(driver, "explore_view", lambda *_, **__: stopped)
    base = audit_of(found).base
    assert (base.trusted, base.reason, base.model) == (False, STOPPED, None)


COMMAND = Command("pu", "a.csv", PUOptions(label="s", positive="yes"))


@cache
def _run():
    return run_of(audited().outcome())


def test_the_figures_are_plain_and_complete():
    facts = json.loads(json_bytes(_run().metrics))["positives"]
    assert (facts["positive"], facts["other"], facts["scheme"]) == ("yes", "unlabelled", "single-training-set")
    assert facts["labelled"] + facts["unlabelled"] == N
    assert facts["c_low"] < facts["c"] < facts["c_high"]
    assert facts["hidden_low"] < facts["hidden"] < facts["hidden_high"]
    assert [one["name"] for one in facts["estimates"] if one["used"]] == ["consensus"]


def test_every_estimate_has_a_title():
    assert [*(one.name for one in judged()[0].estimates), "compromise"] == list(TITLES)


def test_the_command_says_what_was_positive():
    assert COMMAND.line() == (
        "dechaff pu a.csv --label s --positive yes --scheme single-training-set --policy conservative --seed 0"
    )


def test_a_row_without_a_label_is_not_called_likely_to_be_unlabelled():
    examples = _run().examples["P001"]
    assert {name for one in examples for name, _ in one.probs} == {"yes", "not yes"}
    assert {one.given for one in examples} == {"unlabelled"}


def test_scores_of_labelled_and_unlabelled_rows_stand_apart():
    scores = _run().scores
    labelled = audited().improved.arrays["labelled"]
    assert not scores["P001"].to_numpy()[labelled].any()
    assert not scores["P002"].to_numpy()[~labelled].any()
    assert np.array_equal(np.load(_run().folder / "probs.npz")["labelled"], labelled)
