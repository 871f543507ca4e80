"""Slices first, then label errors in the rest, then one decision a row."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import dechaff.recipe.improve.improve as step
from dechaff.recipe.improve.improve import Fitted, improve, improved_data
from dechaff.recipe.improve.proposals import DROP, KEEP, RELABEL, REVIEW
from dechaff.recipe.passes.request import AuditSettings
from dechaff.records.metrics import BaselineFacts
from dechaff.records.policies import BOLD, CONSERVATIVE, REVIEW_ONLY
from tests.recipe.audits import WEB, WRONG, audited


def detection(improved, code):
    return next(one for one in improved.detections if one.code == code)


def improved(policy=CONSERVATIVE, *, base=None, **changes):
    seen = audited()
    return improve(*fitted_to(replace(base or seen.base, **changes), policy=policy))


def fitted_to(base, *, explored=None, **settings):
    seen, how = audited(), AuditSettings(**settings)
    slices, base = step.find_slices(seen.train, base, how)
    return Fitted(seen.opened, explored or seen.explored, base, slices), how


def test_the_slice_is_relabelled_and_errors_outside_are_changed():
    decided = audited().improved.decided
    assert set(decided.action[WEB]) == {RELABEL}
    assert set(decided.code[WEB]) == {"L002"}
    assert set(decided.code[list(WRONG[:1])]) <= {"L001", "L002"}
    outside = [row for row in WRONG if not WEB[row]]
    assert (decided.action[outside] > REVIEW).all()
    assert set(decided.code[outside]) == {"L001"}


def test_copies_go_but_the_first_of_each_label():
    decided = audited().improved.decided
    assert decided.action[[194, 198, 199]].tolist() == [KEEP, DROP, DROP]
    assert decided.code[198] == "D001"


def test_improved_data_have_the_new_labels_and_no_dropped_rows():
    seen = audited()
    data = improved_data(seen.train, seen.improved.decided)
    assert len(data) == (seen.improved.decided.action != DROP).sum()
    assert seen.train.codes[0] != data.codes[0]


def test_labels_of_rows_whose_image_cannot_be_read_are_not_judged():
    seen = audited()
    row = next(row for row in WRONG if seen.improved.decided.code[row] == "L001")
    unread = np.arange(len(seen.train)) == row
    again = improve(*fitted_to(seen.base, explored=replace(seen.explored, unread=unread)))
    assert not detection(again, "L001").flag[row]
    assert again.decided.action[row] == KEEP


@pytest.mark.slow
def test_the_review_policy_acts_on_nothing():
    decided = audited(REVIEW_ONLY).improved.decided
    assert set(decided.action) == {KEEP, REVIEW}
    assert set(decided.label) == {-1}
    assert set(decided.action[WEB]) == {REVIEW}


def test_an_untrusted_baseline_judges_no_label():
    result = improved(trusted=False, reason="it knows nothing", metrics=BaselineFacts(information=0.0))
    for code in ("L001", "L002", "L005"):
        assert detection(result, code).not_run == "it knows nothing"
    assert set(result.decided.code) <= {"", "D001"}
    assert result.labels.noise is None


def test_a_baseline_that_lags_only_because_of_a_slice_is_trusted_without_it():
    fitted, settings = fitted_to(replace(audited().base, trusted=False, reason="neighbours know better"))
    result = improve(fitted, settings)
    assert fitted.base.trusted
    assert "40 rows are left out" in fitted.base.notes[-1]
    assert set(result.decided.action[WEB]) == {RELABEL}


def test_a_baseline_that_still_lags_without_its_slices_judges_nothing(monkeypatch):
    monkeypatch.setattr(
        "dechaff.recipe.improve.improve.baseline", lambda *a, **o: replace(audited().base, trusted=False)
    )
    fitted, settings = fitted_to(replace(audited().base, trusted=False, reason="neighbours know better"))
    assert not fitted.base.trusted
    assert detection(improve(fitted, settings), "L002").not_run == "neighbours know better"
    assert not fitted.slices.found


def test_without_a_model_there_are_no_slices_but_label_errors():
    seen = audited()
    result = improved(BOLD, base=seen.base, fit_predict=None, model=None)
    assert "no columns" in detection(result, "L002").not_run
    assert detection(result, "L001").findings


@pytest.mark.parametrize(
    ("failing", "code", "standing"), [("search_slices", "L002", "L001"), ("find_mislabelled", "L001", "L002")]
)
def test_a_detector_that_fails_leaves_the_others(monkeypatch, failing, code, standing):
    def fail(*args, **options):
        raise RuntimeError("out of luck")

    monkeypatch.setattr(step, failing, fail)
    result = improved()
    assert detection(result, code).not_run == "RuntimeError: out of luck"
    assert detection(result, standing).not_run == ""


def test_each_row_has_one_decision_and_probabilities():
    seen = audited()
    assert len(seen.improved.decided.action) == len(seen.train)
    assert np.allclose(seen.improved.probs.sum(axis=1), 1)


def test_progress_is_told_both_steps():
    steps = []
    seen = audited()
    improve(*fitted_to(seen.base, progress=lambda step, done, total: steps.append(step)))
    assert {"noisy slices", "label errors"} <= set(steps)
