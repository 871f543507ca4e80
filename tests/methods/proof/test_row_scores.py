from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from dechaff.errors import InputError
from dechaff.methods.proof.row_scores import METRICS, row_scores


def _case(seed: int, k: int, n: int = 60) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = np.concatenate([np.arange(k), rng.integers(0, k, n - k)])
    probs = rng.dirichlet(np.ones(k), n) * 0.6
    probs[np.arange(n), labels] += 0.2
    return labels, probs / probs.sum(axis=1, keepdims=True)


REFERENCE: dict[str, Any] = {
    "accuracy": lambda y, p: metrics.accuracy_score(y, p.argmax(1)),
    "balanced_accuracy": lambda y, p: metrics.balanced_accuracy_score(y, p.argmax(1)),
    "f1": lambda y, p: metrics.f1_score(y, p.argmax(1), average="macro"),
    "log_loss": lambda y, p: -metrics.log_loss(y, p),
    "auc": lambda y, p: metrics.roc_auc_score(y, p[:, 1] if p.shape[1] == 2 else p, multi_class="ovr"),
}


@pytest.mark.parametrize("metric", list(METRICS))
@pytest.mark.parametrize("k", [2, 3, 5])
def test_values_are_those_of_scikit_learn(metric: str, k: int) -> None:
    labels, probs = _case(k, k)
    assert row_scores(metric, labels, probs).value == pytest.approx(REFERENCE[metric](labels, probs))


@given(st.sampled_from(list(METRICS)), st.integers(2, 5), st.integers(0, 50))
def test_contributions_average_to_the_value(metric: str, k: int, seed: int) -> None:
    scores = row_scores(metric, *_case(seed, k))
    assert scores.rows.mean() == pytest.approx(scores.value)
    assert (scores.right >= scores.wrong).all()


@pytest.mark.parametrize("metric", list(METRICS))
def test_the_spread_of_contributions_is_the_spread_of_bootstrapped_values(metric: str) -> None:
    labels, probs = _case(1, 3, n=400)
    rng = np.random.default_rng(0)
    values = [row_scores(metric, labels[rows], probs[rows]).value for rows in rng.integers(0, 400, (600, 400))]
    assert row_scores(metric, labels, probs).rows.std() / 20 == pytest.approx(np.std(values), rel=0.12)


@pytest.mark.parametrize("metric", list(METRICS))
def test_renumbering_the_classes_changes_nothing(metric: str) -> None:
    labels, probs = _case(2, 4)
    order = np.array([2, 0, 3, 1])
    moved = row_scores(metric, np.argsort(order)[labels], probs[:, order])
    assert moved.value == pytest.approx(row_scores(metric, labels, probs).value)
    np.testing.assert_allclose(moved.rows, row_scores(metric, labels, probs).rows, atol=1e-12)


def test_a_class_that_no_test_row_has_counts_nowhere() -> None:
    labels, probs = _case(3, 2)
    wide = np.column_stack([probs, np.zeros(len(probs))])
    for metric in ("accuracy", "balanced_accuracy", "f1", "log_loss"):
        assert row_scores(metric, labels, wide).value == pytest.approx(row_scores(metric, labels, probs).value)


def test_ties_count_half_in_the_auc() -> None:
    probs = np.array([[0.5, 0.5], [0.5, 0.5], [0.2, 0.8]])
    assert row_scores("auc", np.array([0, 1, 1]), probs).value == pytest.approx(0.75)


def test_an_impossible_label_costs_no_more_than_a_millionth_does() -> None:
    assert row_scores("log_loss", np.array([0]), np.array([[0.0, 1.0]])).value == pytest.approx(np.log(1e-6))


def test_an_unknown_metric_is_refused_with_the_list() -> None:
    with pytest.raises(InputError, match="accuracy, balanced_accuracy, f1, log_loss, auc; found 'acc'"):
        row_scores("acc", np.array([0]), np.array([[1.0, 0.0]]))


def test_the_auc_of_one_class_is_refused() -> None:
    with pytest.raises(InputError, match="at least two classes"):
        row_scores("auc", np.array([0, 0]), np.array([[1.0, 0.0], [0.5, 0.5]]))
