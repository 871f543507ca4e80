from __future__ import annotations

import pytest
from sklearn.base import BaseEstimator
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from dechaff.estimators.reweighting import reweighting_of


class Booster(BaseEstimator):
    def __init__(self, scale_pos_weight: float | None = None) -> None:
        self.scale_pos_weight = scale_pos_weight


class RandomOverSampler(BaseEstimator):
    def fit_resample(self, X: object, y: object) -> tuple[object, object]:
        return X, y


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (LogisticRegression(), ""),
        (LogisticRegression(class_weight="balanced"), "class_weight='balanced'"),
        (RandomForestClassifier(class_weight={0: 1, 1: 9}), "class_weight={0: 1, 1: 9}"),
        (make_pipeline(StandardScaler(), LogisticRegression(class_weight="balanced")), "class_weight='balanced'"),
        (Booster(), ""),
        (Booster(1), ""),
        (Booster(12.0), "scale_pos_weight=12.0"),
        (None, ""),
    ],
)
def test_weights_of_classes_are_seen(model: object, said: str) -> None:
    assert reweighting_of(model) == said


def test_a_step_that_resamples_is_seen() -> None:
    model = Pipeline([("more", RandomOverSampler()), ("model", LogisticRegression())])
    assert reweighting_of(model) == "a step RandomOverSampler that resamples"
