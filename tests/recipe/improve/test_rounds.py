"""Rounds: improved and selected again until models do worse on labels that were never touched."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from sklearn.linear_model import LogisticRegression

from dechaff.data.dataset import Opened
from dechaff.data.open import open_data
from dechaff.models.estimator import as_model
from dechaff.recipe.improve.improve import improve
from dechaff.recipe.improve.proposals import DROP, RELABEL, REVIEW
from dechaff.recipe.improve.rounds import Gain, first_round, label_log_likelihood, next_round, run_rounds
from dechaff.recipe.passes.request import AuditSettings
from dechaff.records.policies import BOLD, CONSERVATIVE, POLICIES, REVIEW_ONLY, policy_of
from tests.recipe.audits import audit_of


def _three_clouds(n: int = 240, wrong: float = 0.25, seed: int = 0) -> tuple[Opened, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, n)
    place = np.array([[0.0, 0.0], [3.0, 0.0], [0.0, 3.0]])[truth] + rng.normal(size=(n, 2))
    given = truth.copy()
    swapped = rng.random(n) < wrong
    given[swapped] = (given[swapped] + rng.integers(1, 3, swapped.sum())) % 3
    frame = pl.DataFrame({"x": place[:, 0], "y": place[:, 1], "label": np.array(["a", "b", "c"])[given].tolist()})
    return open_data(frame, label="label"), truth


@pytest.fixture(scope="module")
def noisy():
    opened, truth = _three_clouds()
    return audit_of(opened, model=LogisticRegression()), truth


def _gained(*, before: float, without: float, with_noise: float, n: int = 240, spread: float = 0.0) -> Gain:
    """Log-likelihoods with these means, those after the round spread around them row by row."""
    around = spread * np.random.default_rng(0).choice([-1.0, 1.0], n)
    around -= around.mean()
    return Gain(np.full(n, -before), around - without, 2 * around - with_noise)


def _stands(before, policy, *, seed):
    return replace(before, gain=_gained(before=0.7, without=0.7, with_noise=0.6))


def _falls(before, policy, *, seed):
    return replace(before, gain=_gained(before=0.5, without=0.6, with_noise=0.7))


@pytest.fixture(scope="module")
def done(noisy):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dechaff.recipe.improve.rounds.next_round", _stands)
        first, settings = noisy[0], AuditSettings(policy=BOLD)
        return run_rounds(replace(first, improved=improve(first, settings)), settings, rounds=3)


@pytest.mark.slow
def test_rounds_repair_most_of_the_wrong_labels_and_spare_the_right_ones(noisy, done):
    first, truth = noisy
    decided = done.audited.improved.decided
    wrong = first.train.codes != truth
    acted = (decided.action == DROP) | (decided.action == RELABEL)
    assert acted[wrong].mean() > 0.7
    assert acted[~wrong].mean() < 0.1
    relabelled = decided.action == RELABEL
    assert (decided.label[relabelled] == truth[relabelled]).mean() > 0.9


def test_the_log_says_what_each_round_changed_and_why_it_stands(done):
    assert [one.round for one in done.log] == list(range(1, len(done.log) + 1))
    assert all(one.kept for one in done.log[:-1]), "rounds end with the first that does not stand"
    assert "held-out label" in done.log[0].why
    assert done.log[0].evidence is not None


@pytest.mark.slow
def test_a_round_that_does_not_help_is_taken_back_and_its_rows_are_set_aside(noisy, monkeypatch):
    first = noisy[0]
    monkeypatch.setattr("dechaff.recipe.improve.rounds.next_round", _falls)
    done = run_rounds(first, AuditSettings(policy=CONSERVATIVE), rounds=3)
    decided = done.audited.improved.decided
    assert [one.kept for one in done.log] == [False]
    of_labels = decided.code == "L001"
    assert (decided.action[of_labels] == REVIEW).all()
    assert of_labels.any()


def test_the_selected_model_is_fitted_on_what_is_left_and_predicts(noisy, done):
    assert done.selection is not None
    probs = done.selection.fitted.probs(noisy[0].train.table)
    assert probs.shape == (240, 3)
    assert (probs.argmax(axis=1) == noisy[1]).mean() > 0.85
    assert sum(row.chosen for row in done.selection.candidates) == 1


@pytest.mark.slow
def test_rounds_are_the_same_for_the_same_seed():
    first = audit_of(_three_clouds(120)[0], model=LogisticRegression())
    one, two = (run_rounds(first, AuditSettings(policy=CONSERVATIVE), rounds=1) for _ in range(2))
    assert one.log == two.log
    assert (one.audited.improved.decided.action == two.audited.improved.decided.action).all()


@pytest.mark.slow
def test_the_policy_review_leaves_every_row_to_people():
    opened, _ = _three_clouds()
    done = run_rounds(audit_of(opened, policy=REVIEW_ONLY), AuditSettings(policy=REVIEW_ONLY), rounds=2)
    assert done.audited.improved.decided.action.max() == REVIEW


def test_a_baseline_that_is_not_trusted_changes_nothing():
    rng = np.random.default_rng(1)
    frame = pl.DataFrame({"x": rng.normal(size=200), "label": rng.choice(["a", "b"], 200).tolist()})
    first = audit_of(open_data(frame, label="label"))
    done = run_rounds(first, AuditSettings(policy=BOLD), rounds=2)
    assert not first.base.trusted
    assert done.audited.improved.decided.action.max() <= REVIEW
    assert done.log[0].why == "there is nothing more to change"


def _untrusted(first, probs):
    weak = replace(first.base, trusted=False, reason="too weak", probs=probs)
    blind = replace(first, base=weak)
    return replace(blind, improved=improve(blind, AuditSettings(policy=BOLD)))


def test_labels_are_judged_where_all_candidates_together_beat_the_class_shares(noisy, monkeypatch):
    monkeypatch.setattr("dechaff.recipe.improve.rounds.next_round", _stands)
    first, truth = noisy
    weak = _untrusted(first, np.full_like(first.base.probs, 1 / 3))
    done = run_rounds(weak, AuditSettings(policy=BOLD), rounds=1)
    decided, wrong = done.audited.improved.decided, first.train.codes != truth
    assert (decided.action > REVIEW)[wrong].mean() > 0.7
    assert "candidates together" in done.audited.base.notes[-1]


def test_an_untrusted_baseline_whose_changes_do_not_help_stays_untrusted(noisy, monkeypatch):
    monkeypatch.setattr("dechaff.recipe.improve.rounds.next_round", _falls)
    weak = _untrusted(noisy[0], np.full_like(noisy[0].base.probs, 1 / 3))
    done = run_rounds(weak, AuditSettings(policy=BOLD), rounds=2)
    assert [one.kept for one in done.log] == [False]
    assert not done.audited.base.trusted
    assert done.audited.improved.decided.action.max() <= REVIEW


def test_a_baseline_that_lags_behind_neighbours_is_not_helped_by_its_candidates(noisy):
    done = run_rounds(_untrusted(noisy[0], noisy[0].base.probs), AuditSettings(policy=BOLD), rounds=1)
    assert not done.audited.base.trusted
    assert done.log[0].why == "there is nothing more to change"


def _gain(first) -> Gain:
    alone = np.full(len(first.train), -1)
    judged = np.ones(len(first.train), dtype=bool)
    before = first_round(first.train, alone, judged, (first.base.model,), seed=0)
    after = next_round(before, BOLD, seed=0)
    for old, new in zip(before.parts, after.parts, strict=True):
        assert not set(old.held_out.ids) & set(old.rest.ids)
        assert new.held_out is old.held_out, "the labels that judge a round are the given ones"
        assert set(new.rest.ids) <= set(old.rest.ids)
    assert len(after.gain.before) == len(first.train)
    return after.gain


def test_noise_that_was_cleaned_away_is_seen_in_labels_that_were_not(noisy):
    gain = _gain(noisy[0])
    assert gain.noise_seen
    assert gain.helps


def test_the_panel_judges_as_one_model(noisy):
    first = noisy[0]
    alone, judged = np.full(len(first.train), -1), np.ones(len(first.train), dtype=bool)
    panel = (LogisticRegression(C=1e-3), LogisticRegression(C=10.0))
    models = tuple(as_model(one) for one in panel)
    together, *each = (
        first_round(first.train, alone, judged, some, seed=0).parts[0] for some in (models, models[:1], models[1:])
    )
    assert np.allclose(together.predicted, (each[0].predicted + each[1].predicted) / 2)
    expected = label_log_likelihood(together.held_out.codes, together.predicted, np.eye(3))
    assert np.array_equal(together.log_likelihood(np.eye(3)), expected)


def test_a_model_that_is_wrong_about_clean_labels_is_not_believed():
    """Two rings that a linear model cannot separate: what it takes for noise is not in the labels."""
    rng = np.random.default_rng(0)
    angle, inner = rng.uniform(0, 2 * np.pi, 400), rng.random(400) < 0.35
    far = np.where(inner, 1.0, 3.0) + rng.normal(0, 0.2, 400)
    ring = np.where(inner, "inner", np.where(np.cos(angle) > 0, "right", "left"))
    frame = pl.DataFrame({"x": far * np.cos(angle), "y": far * np.sin(angle), "label": ring.tolist()})
    first = audit_of(open_data(frame, label="label"), model=LogisticRegression())
    assert _gain(first).worse


def test_labels_that_do_not_show_the_noise_count_as_right():
    assert _gained(before=0.5, without=0.4, with_noise=0.45).helps
    assert not _gained(before=0.4, without=0.45, with_noise=0.5).helps


@pytest.mark.parametrize(("spread", "worse"), [(0.1, True), (10.0, False)])
def test_only_labels_that_are_clearly_less_likely_speak_against_the_first_round(spread, worse):
    gain = _gained(before=0.4, without=0.45, with_noise=0.5, spread=spread)
    assert gain.worse == worse
    assert not gain.helps


@pytest.mark.parametrize(("spread", "worse"), [(0.05, False), (0.3, True)])
def test_an_overlap_of_classes_that_looks_like_noise_is_no_noise_unless_it_is_clear(spread, worse):
    gain = _gained(before=0.3, without=0.42, with_noise=0.4, spread=spread)
    assert gain.noise_seen
    assert gain.worse == worse


def test_held_out_labels_that_lose_one_class_do_not_speak_for_the_model_that_repeats_it():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 4000)
    given = np.where((truth == 1) & (rng.random(4000) < 0.6), 0, truth)
    transition = np.array([[1.0, 0.6], [0.0, 0.4]])
    repeats = np.tile([1.0, 0.0], (4000, 1))
    assert (given == 0).mean() > (truth == given).mean()
    knows = label_log_likelihood(given, np.eye(2)[truth], transition)
    assert knows.mean() > label_log_likelihood(given, repeats, transition).mean() + 0.1
    assert knows.mean() > label_log_likelihood(given, repeats, np.eye(2)).mean() + 0.1


def test_noise_that_is_not_in_held_out_labels_makes_them_less_likely():
    rng = np.random.default_rng(1)
    right = rng.uniform(0.5, 1.0, 4000)
    probs, given = np.column_stack([right, 1 - right]), (rng.random(4000) > right).astype(int)
    noise = np.array([[0.8, 0.2], [0.2, 0.8]])
    clean = label_log_likelihood(given, probs, np.eye(2)).mean()
    assert label_log_likelihood(given, probs, noise).mean() < clean


def test_an_unknown_policy_is_refused_with_the_list():
    with pytest.raises(ValueError, match="conservative, balanced, bold, review"):
        policy_of("brave")
    assert list(POLICIES) == ["conservative", "balanced", "bold", "review"]


def test_rows_of_a_class_that_hardly_exists_are_never_changed_without_a_person():
    rng = np.random.default_rng(3)
    x = np.r_[rng.normal(-2, 1, 100), rng.normal(2, 1, 100), [-2.0, 2.0]]
    labels = ["a"] * 100 + ["b"] * 100 + ["rare"] * 2
    audited = audit_of(open_data(pl.DataFrame({"x": x, "label": labels}), label="label"))
    assert (audited.improved.decided.action[-2:] <= REVIEW).all()
