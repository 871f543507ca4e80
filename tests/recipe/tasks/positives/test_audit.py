from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from sklearn.linear_model import LogisticRegression

from dechaff.data.open_positives import open_positives
from dechaff.recipe.explore.explore import explore
from dechaff.recipe.outcome.content import outcome_of
from dechaff.recipe.tasks.positives import audit as module
from dechaff.recipe.tasks.positives.audit import AuditedPositives, audit_positives
from dechaff.records.policies import BOLD
from tests.recipe.audits import events_of, run_of
from tests.recipe.tasks.positives.positives import audited, columns, opened, truth


def findings(seen: AuditedPositives) -> pl.DataFrame:
    return run_of(outcome_of(seen.audited)).findings


def _codes(seen: AuditedPositives) -> dict[str, str]:
    return {one.code: one.not_run for one in seen.audited.detections}


def test_what_needs_no_classes_is_looked_for_as_in_any_audit():
    assert list(_codes(audited())) == ["D001", "D002", "D004", "C002", "C003", "F001", "F002", "F003", "P001", "P002"]
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
    events = {event.row: event for event in events_of(audited().audited)}
    assert {event.action for event in events.values()} <= {"relabel", "review"}
    assert (events["3"].action, events["3"].code) == ("review", "D001")
    assert "2" not in events or events["2"].code != "D001"


@pytest.mark.slow
def test_nothing_is_said_of_a_row_that_could_not_be_read(monkeypatch: pytest.MonkeyPatch):
    whole = explore(opened().train)
    unread = np.arange(len(whole.unread)) != 1
    monkeypatch.setattr(module, "explore", lambda *_, **__: replace(whole, unread=unread))
    seen = audit_positives(opened(), model=LogisticRegression())
    assert set(findings(seen).filter(pl.col("code").str.starts_with("P"))["row"]) <= {"1"}


def test_rows_that_no_model_can_judge_are_said_not_to_be_judged():
    data = columns()
    data["x"] = np.random.default_rng(0).permutation(data["x"]).tolist()
    seen = audit_positives(open_positives(data, label="s"), model=LogisticRegression(), policy=BOLD)
    assert seen.judged is None
    assert _codes(seen)["P001"].startswith("No model can tell rows labelled 'yes'")
    assert "relabel" not in {event.action for event in events_of(seen.audited)}


@pytest.mark.parametrize(
    ("error", "words"), [(ValueError("odd"), "ValueError: odd"), (KeyboardInterrupt(), "stopped by Ctrl-C")]
)
def test_what_fails_is_said_and_the_rest_stands(error: BaseException, words: str, monkeypatch: pytest.MonkeyPatch):
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(module, "judge", fail)
    seen = audit_positives(opened(), model=LogisticRegression())
    assert _codes(seen)["P001"] == _codes(seen)["P002"] == words
    assert _codes(seen)["D001"] == ""
