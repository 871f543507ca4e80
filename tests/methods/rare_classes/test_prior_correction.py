from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, log_loss

from dechaff.errors import InputError
from dechaff.methods.rare_classes.prior_correction import balanced_predictions, fit_power_around, sharpened_around


def drawn(n: int = 20_000) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Labels with the probabilities that they were drawn from, and the fractions of the classes."""
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(n, 3)) * 1.5 + np.log([0.9, 0.07, 0.03])
    probs = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = (probs.cumsum(axis=1) < rng.random((n, 1))).sum(axis=1)
    return labels, probs, np.bincount(labels) / n


def test_no_other_weights_of_the_classes_give_a_higher_balanced_accuracy() -> None:
    labels, probs, fractions = drawn()
    best = balanced_accuracy_score(labels, balanced_predictions(probs, fractions))
    assert best > balanced_accuracy_score(labels, probs.argmax(axis=1)) + 0.1
    for factor in (0.4, 2.5):
        for place in range(3):
            other = fractions * np.where(np.arange(3) == place, factor, 1)
            assert best > balanced_accuracy_score(labels, balanced_predictions(probs, other))


def test_calibration_finds_the_power_by_which_probabilities_were_distorted() -> None:
    labels, probs, fractions = drawn()
    too_sure = sharpened_around(probs, fractions, power=2.0)
    power = fit_power_around(labels, too_sure, fractions)
    assert power == pytest.approx(0.5, abs=0.03)
    again = sharpened_around(too_sure, fractions, power=power)
    assert log_loss(labels, again) < log_loss(labels, too_sure) - 0.02
    assert (balanced_predictions(too_sure, fractions) == balanced_predictions(again, fractions)).all()


def test_the_fractions_are_one_number_above_zero_per_class() -> None:
    for fractions in ([0.5, 0.5, 0.0], [0.5, 0.5]):
        with pytest.raises(InputError, match="class_fractions must be 3 numbers above 0"):
            balanced_predictions(np.full((1, 3), 1 / 3), np.array(fractions))
