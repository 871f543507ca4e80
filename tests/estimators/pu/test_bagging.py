"""Bagging: the mean of its bags, out-of-bag scores that see no copies, and as good as pulearn's."""

from __future__ import annotations

import warnings

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.tree import DecisionTreeClassifier

from dechaff.core.row_hash import row_hash
from dechaff.estimators.pu.bagging import BaggingPUClassifier
from dechaff.methods.pu.bagging import draw_bags
from tests.estimators.pu.pu_data import two_clouds


def test_it_is_the_mean_of_models_of_its_bags() -> None:
    X, _, s = two_clouds(200)
    units = np.unique(row_hash(X), return_inverse=True)[1]
    bags = draw_bags(s, n_bags=4, units=units, seed=7)
    by_hand = np.mean([LogisticRegression().fit(X[bag], s[bag]).predict_proba(X)[:, 1] for bag in bags], axis=0)
    model = BaggingPUClassifier(LogisticRegression(), n_estimators=4, random_state=7).fit(X, s)
    assert np.allclose(model.predict_proba(X)[:, 1], by_hand, atol=1e-9)
    assert len(model.estimator_.models) == 4


def test_out_of_bag_scores_rank_hidden_positives_and_say_nothing_of_labelled_rows() -> None:
    X, y, s = two_clouds(600, apart=1.5, c=0.2)
    model = BaggingPUClassifier(DecisionTreeClassifier(random_state=0)).fit(X, s)
    assert np.array_equal(np.isnan(model.oob_scores_), s)
    assert roc_auc_score(y[~s], model.oob_scores_[~s]) > 0.8
    weights = np.where(np.arange(600) < 300, 0.0, 1.0)
    half = BaggingPUClassifier(n_estimators=5).fit(X, s, sample_weight=weights)
    assert np.isnan(half.oob_scores_[:300]).all()
    assert len(half.oob_scores_) == 600


def test_copies_of_a_row_are_out_of_bag_together() -> None:
    """A nearest neighbour would know the copy of each unlabelled row, and score all of them 0."""
    random = np.random.default_rng(0)
    X, s = random.normal(size=(40, 2)).repeat(4, axis=0), np.repeat(np.arange(40) < 20, 4)
    model = BaggingPUClassifier(KNeighborsClassifier(1), bag_size=20).fit(X, s)
    assert np.nanmean(model.oob_scores_) > 0.3


def test_a_bag_may_be_so_large_that_no_row_is_out_of_it() -> None:
    X, _, s = two_clouds(30)
    model = BaggingPUClassifier(n_estimators=2, bag_size=1000).fit(X, s)
    assert np.isnan(model.oob_scores_).all()
    assert model.predict_proba(X).shape == (30, 2)


def test_it_is_as_good_as_pulearns() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pulearn import BaggingPuClassifier
    X, y, s = two_clouds(1000, apart=1.5, c=0.2, positives=0.3)
    theirs = BaggingPuClassifier(LogisticRegression(), n_estimators=20, max_samples=int(s.sum()), random_state=0)
    theirs.fit(X, s.astype(int))
    ours = BaggingPUClassifier(LogisticRegression(), n_estimators=20).fit(X, s)
    assert np.abs(ours.predict_proba(X) - theirs.predict_proba(X)).mean() < 0.03
    assert (ours.predict(X) == y).mean() > ((theirs.predict(X) == 1) == y).mean() - 0.02
