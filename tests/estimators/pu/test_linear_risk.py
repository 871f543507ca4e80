"""The linear classifiers of least risk."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from scipy.special import expit
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from dechaff.errors import InputError
from dechaff.estimators.pu.linear_risk import NonNegativePUClassifier, UnbiasedPUClassifier
from dechaff.estimators.pu.meta_estimator import PURows
from dechaff.estimators.weighted_fit import default_model
from dechaff.methods.pu.linear_risk import least_non_negative_risk
from dechaff.methods.pu.risk import pu_risk, samples
from dechaff.methods.pu.scheme import Scheme
from dechaff.models.teaching.losses import LOGISTIC
from tests.estimators.pu.pu_data import two_clouds

BOTH = pytest.mark.parametrize("kind", [NonNegativePUClassifier, UnbiasedPUClassifier])


def test_it_is_the_least_risk_of_scaled_features_in_their_own_units() -> None:
    X, _, s = two_clouds(300)
    X = X * [1.0, 50.0] + [0.0, 1000.0]
    model = NonNegativePUClassifier(class_prior=0.5, C=2.0).fit(X, s)
    Z = StandardScaler().fit_transform(X)
    by_hand = least_non_negative_risk(Z, samples(s, "single-training-set"), 0.5, penalty=1 / 600)
    assert np.allclose(model.predict_proba(X)[:, 1], expit(Z @ by_hand[:-1] + by_hand[-1]))
    assert np.allclose(model.predict_proba(X)[:, 1], expit(X @ model.coef_ + model.intercept_))


@BOTH
def test_without_a_prior_it_is_estimated_and_probabilities_are_calibrated(kind: type) -> None:
    X, y, s = two_clouds(3000, apart=2.0, positives=0.3)
    model = kind().fit(X, s)
    assert model.class_prior_ == pytest.approx(y.mean(), abs=0.05)
    assert model.c_ == pytest.approx(0.4, abs=0.06)
    assert model.predict_proba(X)[:, 1].mean() == pytest.approx(y.mean(), abs=0.05)
    assert len(model.label_probs_) == 3000
    assert not hasattr(kind(class_prior=0.3).fit(X, s), "label_probs_")


@BOTH
def test_under_the_other_scheme_the_unlabelled_rows_are_the_population(kind: type) -> None:
    X, _, _ = two_clouds(3000, apart=2.0, positives=0.3)
    more, _, _ = two_clouds(500, apart=2.0, positives=1.0, seed=1)
    rows, s = np.concatenate([X, more]), np.arange(3500) >= 3000
    model = kind(class_prior=0.3, scheme="case-control").fit(rows, s)
    assert model.predict_proba(X)[:, 1].mean() == pytest.approx(0.3, abs=0.04)
    assert model.c_ == pytest.approx(500 / (500 + 0.3 * 3000))


def test_with_few_rows_and_many_features_the_risk_stays_where_it_would_fall_below_0() -> None:
    random = np.random.default_rng(0)
    X, y = random.normal(size=(60, 80)), random.random(60) < 0.5
    s, rows = y & (random.random(60) < 0.5), []
    for kind in (NonNegativePUClassifier, UnbiasedPUClassifier):
        model = kind(class_prior=0.5, C=1.0).fit(X, s)
        scores = X @ model.coef_ + model.intercept_
        rows.append(pu_risk(scores, samples(s, "single-training-set"), 0.5, loss=LOGISTIC))
    assert rows[0].negative == pytest.approx(0, abs=1e-4)
    assert rows[1].unbiased < -1


def test_it_is_as_good_as_pulearns() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pulearn import NNPUClassifier
    X, y, s = two_clouds(1000, apart=1.5, positives=0.3)
    theirs = NNPUClassifier(prior=float(y[~s].mean()), learning_rate=0.5, random_state=0).fit(X, s.astype(int))
    ours = NonNegativePUClassifier(class_prior=float(y.mean())).fit(X, s)
    assert (ours.predict(X) == y).mean() > ((theirs.predict(X) == 1) == y).mean() - 0.01


def test_where_every_positive_is_labelled_it_is_logistic_regression_on_scaled_features() -> None:
    X, y, _ = two_clouds(300)
    Z = StandardScaler().fit_transform(X)
    expected = LogisticRegression(C=0.03, tol=1e-10).fit(Z, y).predict_proba(Z)
    assert np.allclose(UnbiasedPUClassifier(class_prior=y.mean()).fit(X, y).predict_proba(X), expected, atol=1e-5)


def with_prior(given: float | None, rows: PURows, model: Any, scheme: Scheme) -> NonNegativePUClassifier:
    classifier = NonNegativePUClassifier(class_prior=given, scheme=scheme)
    classifier._set_prior(rows, np.arange(1000) % 5, model)
    return classifier


def test_it_is_estimated_by_the_consensus_under_either_scheme() -> None:
    X, y, s = two_clouds(1000)
    rows = PURows(X, s)
    one, two = (with_prior(None, rows, default_model(), scheme) for scheme in ("single-training-set", "case-control"))
    assert one.c_ == two.c_
    assert one.class_prior_ == pytest.approx(y.mean(), abs=0.04)
    assert two.class_prior_ == pytest.approx(y[~s].mean(), abs=0.04)


def test_where_nothing_is_learnt_some_rows_are_still_negative() -> None:
    X, _, s = two_clouds(1000)
    found = with_prior(None, PURows(X, s), DummyClassifier(), "single-training-set")
    assert 0 < found.class_prior_ < 1
    assert 0 < found.c_ <= 1


def test_one_that_is_given_settles_c() -> None:
    X, _, s = two_clouds(1000)
    rows = PURows(X, s, weights=np.full(1000, 2.0))
    assert with_prior(0.5, rows, None, "single-training-set").c_ == pytest.approx(s.mean() / 0.5)
    assert with_prior(0.5, rows, None, "case-control").c_ == pytest.approx(s.sum() / (s.sum() + 0.5 * (~s).sum()))
    with pytest.raises(InputError, match="the fraction of labelled rows"):
        with_prior(0.1, rows, None, "single-training-set")
