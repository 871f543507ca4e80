"""Label errors as findings, and what they say of the classes."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np
import pytest

from dechaff.core.top_rows import top_rows
from dechaff.recipe.improve.improve import class_counts
from dechaff.recipe.improve.mislabelled import (
    find_mislabelled,
    label_error_proposal,
    label_error_results,
    label_facts,
    overlap_detection,
    with_outlook,
)
from dechaff.recipe.improve.proposals import DROP, RELABEL, REVIEW
from dechaff.records.metrics import Noise
from dechaff.records.policies import BOLD, CONSERVATIVE
from dechaff.records.run import json_bytes
from tests.recipe.made import column, made

N, NAMES = 300, ("ant", "bee", "cat")
TRUE = np.arange(N) % 3
WRONG = np.arange(0, 60, 2)


def data(k_missing=()):
    labels = [NAMES[code] for code in TRUE]
    for row in WRONG:
        labels[row] = NAMES[(TRUE[row] + 1) % 3]
    for row in k_missing:
        labels[row] = None
    return made([column("x", list(range(N)))], labels, class_names=NAMES)


def probs(sure=0.9):
    return np.full((N, 3), (1 - sure) / 3) + sure * np.eye(3)[TRUE]


@pytest.fixture(scope="module")
def found():
    train = data()
    return train, find_mislabelled(train, probs(), among=np.ones(N, bool))


def test_wrong_labels_are_flagged_with_the_class_that_belongs_there(found):
    train, errors = found
    assert np.flatnonzero(errors.errors.flag).tolist() == WRONG.tolist()
    detection, _ = label_error_results(errors, train, class_counts(train), BOLD)
    first = next(one for one in detection.findings if one.row == 0)
    assert (first.given, first.suggested, first.fix) == ("bee", "ant", "Relabel to ant.")
    assert "'ant' with 93" in first.why
    assert "'bee' with 3" in first.why
    assert detection.score.shape == (N,)


def test_rows_that_were_not_looked_at_have_no_score():
    train, among = data(k_missing=[0, 1]), np.arange(N) >= 30
    found = find_mislabelled(train, probs(), among=among)
    detection, _ = label_error_results(found, train, class_counts(train), CONSERVATIVE)
    assert not detection.score[~among].any()
    assert not detection.flag[~among].any()
    assert min(one.row for one in detection.findings) >= 30


def test_facts_are_plain_and_counted_by_class(found):
    train, errors = found
    facts = label_facts(errors, train)
    json_bytes(facts)
    assert [one.name for one in facts.class_health] == list(NAMES)
    assert sum(one.flagged for one in facts.class_health) == len(WRONG)
    assert sum(one.rows for one in facts.class_health) == N
    assert facts.noise.low <= facts.noise.rate <= facts.noise.high
    assert facts.noise.rate == pytest.approx(len(WRONG) / N, abs=0.03)
    assert np.sum(facts.noise.joint) == pytest.approx(1.0, abs=1e-6)


def test_pairs_of_classes_that_share_many_rows_are_findings(found):
    _, errors = found
    findings = overlap_detection(errors.errors.expected_joint, NAMES).findings
    assert {(one.given, one.suggested) for one in findings} == {("bee", "ant"), ("cat", "bee"), ("ant", "cat")}
    assert all(0 < one.score <= 1 for one in findings)


def test_a_few_rows_are_no_overlap():
    labels = [NAMES[code] for code in TRUE]
    labels[0] = "bee"
    train = made([column("x", list(range(N)))], labels, class_names=NAMES)
    found = find_mislabelled(train, probs(), among=np.ones(N, bool))
    assert overlap_detection(found.errors.expected_joint, NAMES).findings == ()


def test_given_features_that_know_more_are_a_second_view_and_say_so():
    labels = [NAMES[code] for code in TRUE]
    for row in WRONG:
        labels[row] = NAMES[(TRUE[row] + 1) % 3]
    features = np.random.default_rng(0).normal(size=(N, 5)) + 8 * np.eye(5)[TRUE]
    train = made([column("x", list(range(N)))], labels, class_names=NAMES, features=features)
    found = find_mislabelled(train, probs(sure=0.0), among=np.ones(N, bool))
    detection, _ = label_error_results(found, train, class_counts(train), BOLD)
    assert np.flatnonzero(found.errors.flag).tolist() == WRONG.tolist()
    why = next(one for one in detection.findings if one.row == 0).why
    assert "The model says 'ant'; of the 17 nearest rows" in why


def outlook(wrong: np.ndarray) -> Noise:
    labels = [NAMES[code] for code in TRUE]
    for row in wrong:
        labels[row] = NAMES[(TRUE[row] + 1) % 3]
    train = made([column("x", list(range(N)))], labels, class_names=NAMES)
    probs = np.full((N, 3), 0.1 / 3) + 0.9 * np.eye(3)[TRUE]
    return with_outlook(Noise(), find_mislabelled(train, probs, among=np.ones(N, bool)), train.codes)


def test_the_budget_holds_the_errors_and_the_planted_ones_come_back() -> None:
    found = outlook(WRONG)
    assert [step.rows for step in found.budget] == [10, 20, 50, 100, 200, 300]
    assert found.budget[0].errors > 9
    assert found.budget[-1].low <= len(WRONG) <= found.budget[-1].high
    assert found.recall.mean > 0.8
    assert msgspec.convert(msgspec.to_builtins(found), Noise) == found


def test_where_nothing_is_flagged_nothing_is_promised() -> None:
    assert outlook(np.zeros(0, dtype=int)) == Noise()


def test_the_conservative_policy_changes_only_what_is_certain_at_the_lower_end_of_the_rate() -> None:
    train = data()
    found = find_mislabelled(train, probs(sure=0.99), among=np.ones(N, bool))
    errors = replace(found.errors, suggested_prob=np.where(np.arange(N) < 30, 0.99, 0.9))
    for n_certain in (20, 0):
        certain = top_rows(errors.log_odds, n_certain)
        given = replace(found, errors=errors, certain=certain), train.codes, class_counts(train)
        careful, bold = (label_error_proposal(*given, policy) for policy in (CONSERVATIVE, BOLD))
        assert (careful.actions[certain[careful.rows]] > REVIEW).all()
        assert (careful.actions[~certain[careful.rows]] == REVIEW).all()
        assert {*careful.actions[certain[careful.rows]]} == ({RELABEL, DROP} if n_certain else set())
        assert (bold.actions > REVIEW).all()


def test_as_many_rows_are_certain_as_the_lower_end_of_the_rate_says(found) -> None:
    _, mislabelled = found
    errors = mislabelled.errors
    assert mislabelled.certain.sum() == round(errors.n_errors_low)
    assert not (mislabelled.certain & ~errors.flag).any()


def test_a_few_obvious_errors_are_certain_though_the_lower_end_of_the_rate_is_zero() -> None:
    labels = [NAMES[code] for code in TRUE]
    for row in range(5):
        labels[row] = NAMES[(TRUE[row] + 1) % 3]
    train = made([column("x", list(range(N)))], labels, class_names=NAMES)
    doubt = np.exp(np.random.default_rng(0).uniform(-12, -4, N))[:, None]
    found = find_mislabelled(train, doubt / 3 + (1 - doubt) * np.eye(3)[TRUE], among=np.ones(N, bool))
    assert found.errors.rate_low == 0
    assert np.flatnonzero(found.certain).tolist() == list(range(5))
    proposal = label_error_proposal(found, train.codes, class_counts(train), CONSERVATIVE)
    assert (proposal.actions > REVIEW).all()
