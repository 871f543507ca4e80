"""Weighted rows and the consensus: right where Elkan and Noto's first method is biased."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sklearn
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import KBinsDiscretizer, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from dechaff.errors import InputError
from dechaff.estimators.pu.elkan_noto import ElkanNotoClassifier
from dechaff.estimators.pu.pu_classifier import PUClassifier
from dechaff.methods.pu.binned_scores import bin_scores
from dechaff.methods.pu.class_prior.consensus import consensus
from dechaff.methods.pu.weighted_unlabelled import matched_weights
from tests.estimators.pu.pu_data import two_clouds


def test_it_is_the_weighted_method_written_out() -> None:
    X, _, s = two_clouds(400)
    folds, base = KFold(4, shuffle=True, random_state=0), LogisticRegression()
    model = PUClassifier(base, cv=folds).fit(X, s)
    binned = bin_scores(model.label_probs_, s)
    assert model.c_ == consensus(binned)
    w = np.where(s, 1.0, matched_weights(model.label_probs_, s, model.c_))
    assert ((w >= 0) & (w <= 1)).all()
    twice = np.concatenate([X, X[~s]])
    targets, weights = np.repeat([1, 0], [400, (~s).sum()]), np.concatenate([w, 1 - w[~s]])
    by_hand = clone(base).fit(twice, targets, sample_weight=weights)
    assert np.allclose(model.predict_proba(X), by_hand.predict_proba(X), atol=1e-4)


def test_both_c_and_the_verdicts_are_nearer_to_the_truth_than_by_the_first_method() -> None:
    X, y, s = two_clouds(2000, apart=2.0, c=0.3)
    first, weighted = ElkanNotoClassifier().fit(X, s), PUClassifier().fit(X, s)
    assert abs(weighted.c_ - 0.3) < 0.05 < abs(first.c_ - 0.3)
    assert (weighted.predict(X) == y).mean() > (first.predict(X) == y).mean()


def test_an_ensemble_is_the_mean_of_two_models_a_fold_that_have_not_seen_it() -> None:
    X, y, s = two_clouds(400)
    folds = list(KFold(4, shuffle=True, random_state=0).split(X))
    base = DecisionTreeClassifier(random_state=0)
    one, several = (PUClassifier(base, cv=folds, ensemble=ensemble).fit(X, s) for ensemble in (False, True))
    models = several.estimator_.models
    assert (several.c_, len(models)) == (one.c_, 8)
    mean = np.mean([model.predict_proba(X)[:, 1] for model in models], axis=0)
    assert several.predict_proba(X)[:, 1] == pytest.approx(mean)
    unseen = [model.predict_proba(X[held])[:, 1] for model, (_, held) in zip(models, 2 * folds, strict=True)]
    accuracy = [((p >= 0.5) == y[held]).mean() for p, (_, held) in zip(unseen, 2 * folds, strict=True)]
    assert min(accuracy) > 0.8


def test_trees_are_averaged_and_a_linear_model_is_not_unless_told_otherwise() -> None:
    X, _, s = two_clouds(300)
    tree, line = DecisionTreeClassifier(random_state=0), make_pipeline(StandardScaler(), LogisticRegression())
    assert len(PUClassifier(tree).fit(X, s).estimator_.models) == 10
    assert not hasattr(PUClassifier(line).fit(X, s).estimator_, "models")
    assert not hasattr(PUClassifier(tree, ensemble=False).fit(X, s).estimator_, "models")
    assert len(PUClassifier(line, ensemble=True, cv=3).fit(X, s).estimator_.models) == 6


def test_a_c_that_is_known_is_used() -> None:
    X, _, s = two_clouds(400)
    model = PUClassifier(c=0.4).fit(X, s)
    assert model.c_ == 0.4
    assert not any(row.used for row in model.estimates(n_bootstraps=3))


@pytest.mark.parametrize("c", [0, 1.5, "0.4", float("nan"), True])
def test_a_c_that_is_no_chance_is_refused(c: Any) -> None:
    X, _, s = two_clouds(100)
    with pytest.raises(InputError, match="c must be a number above 0"):
        PUClassifier(c=c).fit(X, s)


def test_an_ensemble_that_is_neither_wanted_nor_not_is_refused() -> None:
    X, _, s = two_clouds(100)
    with pytest.raises(InputError, match="ensemble must be True, False or None; found 'mean'"):
        PUClassifier(ensemble="mean").fit(X, s)  # type: ignore[arg-type]


def test_where_every_positive_is_labelled_it_is_an_ordinary_classifier() -> None:
    X, y, _ = two_clouds(300)
    model = PUClassifier(LogisticRegression(), c=1.0).fit(X, y)
    assert np.allclose(model.predict_proba(X), LogisticRegression().fit(X, y).predict_proba(X), atol=1e-3)


def test_a_model_that_tells_nothing_apart_is_no_crash() -> None:
    s = np.arange(100) % 4 == 0
    X = np.random.default_rng(0).normal(size=(100, 2))
    model = PUClassifier(RandomForestClassifier(5, min_samples_leaf=50, random_state=0)).fit(X, s)
    assert np.isfinite(model.predict_proba(X)).all()


@pytest.mark.parametrize("routing", [True, False])
@pytest.mark.parametrize(
    "model",
    [
        make_pipeline(StandardScaler(), LogisticRegression()),
        make_pipeline(KBinsDiscretizer(4, encode="onehot-dense", strategy="uniform"), LogisticRegression()),
        make_pipeline("passthrough", make_pipeline(StandardScaler(), LogisticRegression())),
    ],
)
def test_the_weights_find_their_way_through_a_pipeline(routing: bool, model: Any) -> None:
    X, y, s = two_clouds(300)
    with sklearn.config_context(enable_metadata_routing=routing):
        found = PUClassifier(model).fit(X, s)
    assert (found.predict(X) == y).mean() > 0.9
    assert found.predict_proba(X)[:, 1].mean() == pytest.approx(y.mean(), abs=0.1)


def test_the_weights_find_their_way_through_a_search() -> None:
    X, y, s = two_clouds(300)
    search = GridSearchCV(
        make_pipeline(StandardScaler(), LogisticRegression()), {"logisticregression__C": [0.1, 1]}, cv=3
    )
    assert (PUClassifier(search).fit(X, s).predict(X) == y).mean() > 0.9
