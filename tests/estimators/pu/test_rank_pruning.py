"""Wrong labels in both directions: the rates, the rows, and a model that is better without them."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold
from sklearn.tree import DecisionTreeClassifier

from dechaff.estimators.pu.rank_pruning import RankPruningClassifier
from tests.estimators.pu.pu_data import two_clouds


def noisy(rho1: float, rho0: float, n: int = 2000) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    X, y, _ = two_clouds(n, apart=3.0)
    return X, y, y ^ (np.random.default_rng(1).random(n) < np.where(y, rho1, rho0))


def test_it_is_the_papers_steps_written_out() -> None:
    X, _, s = noisy(0.3, 0.1, 400)
    folds, base, g = KFold(4, shuffle=True, random_state=0), LogisticRegression(), np.empty(400)
    for train, held_out in folds.split(X):
        g[held_out] = clone(base).fit(X[train], s[train]).predict_proba(X[held_out])[:, 1]
    high, low = g >= g[s].mean(), g <= g[~s].mean()
    rho1, rho0 = (high & ~s).sum() / high.sum(), (low & s).sum() / low.sum()
    prior = (s.mean() - rho0) / (1 - rho1 - rho0)
    n1, n0 = int(rho1 * prior / (1 - s.mean()) * (~s).sum()), int(rho0 * (1 - prior) / s.mean() * s.sum())
    kept = np.ones(400, dtype=bool)
    kept[np.argsort(np.where(s, -1, g))[400 - n1 :]] = False
    kept[np.argsort(np.where(s, g, 2))[:n0]] = False
    weights = np.where(s, 1 / (1 - rho1), 1 / (1 - rho0))[kept]
    by_hand = clone(base).fit(X[kept], s[kept], sample_weight=weights)

    model = RankPruningClassifier(base, cv=folds).fit(X, s)
    assert np.array_equal(model.label_probs_, g)
    assert (model.noise_rates_.rho1, model.noise_rates_.rho0) == pytest.approx((rho1, rho0))
    assert np.array_equal(model.kept_, kept)
    assert np.allclose(model.predict_proba(X), by_hand.predict_proba(X))


@pytest.mark.parametrize(("rho1", "rho0"), [(0.2, 0.2), (0.4, 0.1), (0.1, 0.3)])
def test_rates_and_prior_are_found_and_the_model_is_better_than_one_of_the_labels(rho1: float, rho0: float) -> None:
    X, y, s = noisy(rho1, rho0)
    model = RankPruningClassifier().fit(X, s)
    assert model.noise_rates_.rho1 == pytest.approx(rho1, abs=0.06)
    assert model.noise_rates_.rho0 == pytest.approx(rho0, abs=0.06)
    assert model.class_prior_ == pytest.approx(0.5, abs=0.06)
    assert (s == y)[~model.kept_].mean() < 0.25
    tree = DecisionTreeClassifier(min_samples_leaf=5, random_state=0)
    pruned, plain = RankPruningClassifier(tree).fit(X, s), clone(tree).fit(X, s)
    assert (pruned.predict(X) == y).mean() > (plain.predict(X) == y).mean() + 0.02


def test_on_positive_unlabelled_data_no_positive_is_doubted_and_the_share_of_positives_is_found() -> None:
    X, y, s = two_clouds(2000, c=0.4)
    model = RankPruningClassifier(rho0=0).fit(X, s)
    assert model.kept_[s].all()
    assert 1 - model.noise_rates_.rho1 == pytest.approx(0.4, abs=0.05)
    assert model.class_prior_ == pytest.approx(y.mean(), abs=0.06)
    assert (model.predict(X) == y).mean() > 0.95


def test_rates_that_are_known_are_used() -> None:
    X, _, s = noisy(0.3, 0.1, 300)
    rates = RankPruningClassifier(rho1=0.3, rho0=0.1).fit(X, s).noise_rates_
    assert (rates.rho1, rates.rho0) == (0.3, 0.1)


def test_labels_that_say_nothing_are_no_crash() -> None:
    random = np.random.default_rng(0)
    for seed in range(5):
        model = RankPruningClassifier(random_state=seed).fit(random.normal(size=(40, 2)), random.random(40) < 0.5)
        assert 0 <= model.class_prior_ <= 1
        assert len(set(model.labelled_[model.kept_])) == 2
