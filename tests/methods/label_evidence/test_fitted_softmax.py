from __future__ import annotations

import numpy as np

from dechaff.methods.label_evidence.fitted_softmax import fitted_softmax, tempered
from dechaff.methods.label_evidence.mixture_weights import likelihoods
from tests.methods.label_evidence.made import made


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
