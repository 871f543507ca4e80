from __future__ import annotations

import numpy as np
import pytest
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.linear_model import RidgeClassifier
from sklearn.metrics import balanced_accuracy_score, log_loss

from dechaff.classifiers import BalancedAccuracyClassifier
from dechaff.errors import InputError, LabelsError


def rows(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < 0.06).astype(int)
    return rng.normal(size=(n, 4)) + 0.8 * y[:, None], np.array(["often", "rare"])[y]


def test_a_forest_finds_rare_classes_and_its_probabilities_get_better() -> None:
    (X, y), (new, true) = rows(600, 0), rows(2000, 1)
    forest = ExtraTreesClassifier(20, random_state=0)
    model = BalancedAccuracyClassifier(forest).fit(X, y)
    plain = forest.fit(X, y)
    right = balanced_accuracy_score(true, model.predict(new))
    assert right > balanced_accuracy_score(true, plain.predict(new)) + 0.15
    assert abs(right - model.balanced_accuracy_) < 0.08
    assert model.usual_balanced_accuracy_ < model.balanced_accuracy_
    assert log_loss(true, model.predict_proba(new)) < log_loss(true, plain.predict_proba(new)) - 0.02


def test_what_cannot_be_corrected_is_an_error() -> None:
    X, y = rows(60, 0)
    with pytest.raises(InputError, match="the estimator must have predict_proba"):
        BalancedAccuracyClassifier(RidgeClassifier()).fit(X, y)
    with pytest.raises(LabelsError, match="at least two classes"):
        BalancedAccuracyClassifier().fit(X, ["a"] * 60)
    with pytest.raises(InputError, match="be groups only"):
        BalancedAccuracyClassifier().fit(X, y, sample_weight=np.ones(60))
