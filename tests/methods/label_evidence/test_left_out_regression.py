from __future__ import annotations

import numpy as np
import pytest

from dechaff.methods.label_evidence import left_out_regression as module
from dechaff.methods.label_evidence.left_out_regression import fitted_softmax, left_out_regression, tempered
from dechaff.methods.label_evidence.pooled_probs import likelihoods
from tests.methods.label_evidence.made import made


def by_refitting(labels: np.ndarray, features: np.ndarray, n_classes: int, penalty: float) -> np.ndarray:
    centred = features - features.mean(axis=0)
    rows = np.column_stack([centred / centred.std(), np.ones(len(features))])
    targets = np.eye(n_classes)[labels]
    ridge = penalty * len(rows) * np.eye(rows.shape[1])
    left_out = []
    for row, one in enumerate(features):
        kept = (features != one).any(axis=1)
        fit = np.linalg.solve(rows[kept].T @ rows[kept] + ridge, rows[kept].T @ targets[kept])
        left_out.append(rows[row] @ fit)
    return np.array(left_out)


def test_the_same_as_a_fit_without_each_row_and_its_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    data = made(n=60)
    features = data.embedding.copy()
    features[10] = features[20] = features[30]
    monkeypatch.setattr(module, "PENALTIES", (0.01,))
    expected = by_refitting(data.labels, features, 4, 0.01)
    monkeypatch.setattr(module, "SHARPNESS", (5.0,))
    powers = np.exp(5 * expected)
    found = left_out_regression(data.labels, features, 4)
    np.testing.assert_allclose(found, powers / powers.sum(axis=1, keepdims=True), atol=1e-9)


def test_a_label_says_nothing_of_its_own_row() -> None:
    data = made(n=80)
    changed = data.labels.copy()
    changed[5] = (changed[5] + 1) % 4
    before = left_out_regression(data.labels, data.embedding, 4)[5]
    np.testing.assert_allclose(left_out_regression(changed, data.embedding, 4)[5], before, atol=1e-9)


def test_it_knows_the_true_classes_better_than_chance() -> None:
    data = made()
    assert (left_out_regression(data.labels, data.embedding, 4).argmax(axis=1) == data.true).mean() > 0.8


@pytest.mark.parametrize("features", [np.zeros((6, 2)), np.ones((6, 1)), np.arange(12.0).reshape(6, 2)])
def test_features_that_say_nothing_give_finite_probabilities(features: np.ndarray) -> None:
    probs = left_out_regression(np.array([0, 1, 0, 1, 0, 1]), features, 2)
    assert np.isfinite(probs).all()
    np.testing.assert_allclose(probs.sum(axis=1), 1)


def test_the_likeliest_sharpness_is_taken() -> None:
    values, labels = np.array([[2.0, 0.0], [0.0, 2.0]]), np.array([0, 1])
    probs, fit = fitted_softmax(values, labels, sharpness=(0.5, 1.0, 3.0))
    np.testing.assert_allclose(probs[0, 0], 1 / (1 + np.exp(-6)))
    np.testing.assert_allclose(fit, np.log(probs[0, 0]))


def test_an_over_sure_model_is_made_less_sure_and_keeps_its_order() -> None:
    data = made()
    sure = data.probs**6 / (data.probs**6).sum(axis=1, keepdims=True)
    honest = tempered(sure, data.labels)
    assert np.log(likelihoods([honest], data.labels)).mean() > np.log(likelihoods([sure], data.labels)).mean()
    np.testing.assert_array_equal(honest.argmax(axis=1), sure.argmax(axis=1))


def test_a_probability_of_nought_stays_finite() -> None:
    assert np.isfinite(tempered(np.eye(2), np.array([1, 0]))).all()
