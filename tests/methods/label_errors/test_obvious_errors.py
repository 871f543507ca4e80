"""A handful of wrong labels in classes that hardly overlap."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_iris, make_blobs
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

from dechaff.methods.label_errors.label_error_estimates import estimate_label_errors
from dechaff.methods.label_errors.obvious_errors import Obvious, obvious_errors


def apart(n: int = 400, k: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """Labels, and probabilities of a model that is as sure as it is right."""
    rng = np.random.default_rng(0)
    true, sure = np.arange(n) % k, 1 - np.exp(rng.uniform(-12, -4, n))
    probs = np.repeat(((1 - sure) / (k - 1))[:, None], k, axis=1)
    probs[np.arange(n), true] = sure
    return true, probs


def found(labels: np.ndarray, probs: np.ndarray) -> list[int]:
    return np.flatnonzero(obvious_errors(labels, probs, estimate_label_errors(labels, probs).obvious)).tolist()


@pytest.mark.parametrize("k", [2, 3, 12])
@pytest.mark.parametrize("n_wrong", [3, 5])
def test_a_few_wrong_labels_are_found_one_by_one(n_wrong: int, k: int) -> None:
    labels, probs = apart(k=k)
    surest = np.argsort(probs.max(axis=1))[-n_wrong:]
    labels[surest] = (labels[surest] + 1) % k
    assert found(labels, probs) == sorted(surest)


def test_five_wrong_labels_of_iris() -> None:
    data = load_iris()
    wrong, labels = [3, 40, 60, 110, 140], data.target.copy()
    labels[wrong] = (labels[wrong] + 1) % 3
    rows = np.random.default_rng(0).permutation(150)
    probs = cross_val_predict(
        LogisticRegression(max_iter=1000), data.data[rows], labels[rows], cv=5, method="predict_proba"
    )
    obvious = {int(rows[place]) for place in found(labels[rows], probs)}
    assert obvious <= set(wrong)
    assert len(obvious) >= 3


@pytest.mark.parametrize("k", [2, 3])
def test_right_labels_are_no_obvious_errors(k: int) -> None:
    assert found(*apart(k=k)) == []


@pytest.mark.parametrize("skill", [1.0, 4.0, 8.0])
def test_labels_drawn_from_the_probabilities_hold_no_obvious_error(skill: float) -> None:
    rng = np.random.default_rng(1)
    probs = rng.dirichlet(np.ones(3) / skill, size=2000)
    labels = (rng.random(2000)[:, None] > probs.cumsum(axis=1)).sum(axis=1)
    assert found(labels, probs) == []


def test_a_tenth_of_the_labels_may_be_obvious_errors_where_classes_are_apart() -> None:
    features, true = make_blobs(400, centers=[[-3, 0], [3, 0]], random_state=0)
    wrong = np.random.default_rng(0).permutation(400)[:40]
    labels = true.copy()
    labels[wrong] = 1 - labels[wrong]
    probs = cross_val_predict(LogisticRegression(), features, labels, cv=5, method="predict_proba")
    obvious = found(labels, probs)
    assert set(obvious) <= set(wrong.tolist())
    assert len(obvious) >= 30


def overlapping() -> tuple[np.ndarray, np.ndarray]:
    """Labels drawn from the probabilities, but for three that are wrong where the model is sure."""
    rng = np.random.default_rng(1)
    probs = rng.dirichlet(np.full(3, 0.25), size=2000)
    labels = (rng.random(2000)[:, None] > probs.cumsum(axis=1)).sum(axis=1)
    surest = np.argsort(probs.max(axis=1))[-3:]
    labels[surest] = (labels[surest] + 1) % 3
    return labels, probs


def test_where_classes_overlap_or_the_model_is_far_too_sure_no_label_is_obvious() -> None:
    labels, probs = overlapping()
    assert estimate_label_errors(labels, probs).obvious == Obvious()
    too_sure = probs**20
    too_sure /= too_sure.sum(axis=1, keepdims=True)
    assert estimate_label_errors(labels, too_sure).obvious == Obvious()


def test_no_labels_hold_no_errors() -> None:
    assert obvious_errors(np.zeros(0, dtype=np.int64), np.zeros((0, 2)), Obvious(1.0, 5)).tolist() == []
