"""The prior of a risk: given or estimated, and never one that leaves nothing to learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier

from dechaff.errors import InputError
from dechaff.estimators.pu.meta_estimator import PURows
from dechaff.estimators.pu.risk_prior import risk_prior
from dechaff.estimators.weighted_fit import default_model
from tests.estimators.pu.pu_data import two_clouds

FOLDS = np.arange(1000) % 5


def test_it_is_estimated_by_the_consensus_under_either_scheme() -> None:
    X, y, s = two_clouds(1000)
    rows = PURows(X, s)
    one = risk_prior(None, rows, FOLDS, default_model(), "single-training-set")
    two = risk_prior(None, rows, FOLDS, default_model(), "case-control")
    assert one.c == two.c
    assert one.class_prior == pytest.approx(y.mean(), abs=0.04)
    assert two.class_prior == pytest.approx(y[~s].mean(), abs=0.04)


def test_where_nothing_is_learnt_some_rows_are_still_negative() -> None:
    X, _, s = two_clouds(1000)
    found = risk_prior(None, PURows(X, s), FOLDS, DummyClassifier(), "single-training-set")
    assert 0 < found.class_prior < 1
    assert 0 < found.c <= 1


def test_one_that_is_given_settles_c() -> None:
    X, _, s = two_clouds(1000)
    rows = PURows(X, s, weights=np.full(1000, 2.0))
    assert risk_prior(0.5, rows, FOLDS, None, "single-training-set").c == pytest.approx(s.mean() / 0.5)
    assert risk_prior(0.5, rows, FOLDS, None, "case-control").c == pytest.approx(s.sum() / (s.sum() + 0.5 * (~s).sum()))
    with pytest.raises(InputError, match="the fraction of labelled rows"):
        risk_prior(0.1, rows, FOLDS, None, "single-training-set")
