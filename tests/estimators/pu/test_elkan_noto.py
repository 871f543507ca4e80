"""The four steps, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold
from sklearn.tree import DecisionTreeClassifier

from dechaff.errors import InputError
from dechaff.estimators.pu.elkan_noto import ElkanNotoClassifier
from dechaff.methods.pu.class_prior.elkan_noto import e2, e3
from tests.estimators.pu.pu_data import two_clouds


def test_it_is_the_four_steps_written_out() -> None:
    X, _, s = two_clouds(400)
    folds, base = KFold(4, shuffle=True, random_state=0), LogisticRegression()
    g = np.empty(len(s))
    for train, held_out in folds.split(X):
        g[held_out] = clone(base).fit(X[train], s[train]).predict_proba(X[held_out])[:, 1]
    c = g[s].mean()
    f = np.minimum(clone(base).fit(X, s).predict_proba(X)[:, 1] / c, 1)

    model = ElkanNotoClassifier(base, cv=folds).fit(X, s)
    assert np.array_equal(model.label_probs_, g)
    assert model.c_ == pytest.approx(c, rel=1e-12)
    assert np.allclose(model.predict_proba(X)[:, 1], f, atol=1e-12)
    assert np.array_equal(model.predict(X), f >= 0.5)
    assert model.class_prior_ == pytest.approx(s.mean() / c)


def test_c_may_come_from_any_estimator() -> None:
    X, _, s = two_clouds(400)
    by_e2, by_e3 = ElkanNotoClassifier(c_from=e2).fit(X, s), ElkanNotoClassifier(c_from=e3).fit(X, s)
    g = by_e2.label_probs_
    assert by_e2.c_ == pytest.approx(g[s].sum() / g.sum())
    assert by_e3.c_ == g.max()
    assert by_e2.estimates(n_bootstraps=5)["e2"].used


def test_the_table_of_estimates_has_the_c_that_came_from_the_highest_score() -> None:
    X, _, s = two_clouds(3000)
    model = ElkanNotoClassifier(c_from=e3).fit(X, s)
    assert model.estimates(n_bootstraps=5)["e3"].c == model.c_ == model.label_probs_.max()


@pytest.mark.parametrize("c_from", ["e1", 0.3])
def test_what_is_no_estimator_of_c_is_refused(c_from: object) -> None:
    X, _, s = two_clouds(100)
    with pytest.raises(InputError, match="c_from must be a function that estimates c"):
        ElkanNotoClassifier(c_from=c_from).fit(X, s)


def test_no_probability_exceeds_one() -> None:
    X, _, s = two_clouds(400, apart=1.0)
    model = ElkanNotoClassifier().fit(X, s)
    assert model.estimator_.predict_proba(X)[:, 1].max() > model.c_
    assert model.predict_proba(X)[:, 1].max() == 1


def test_c_is_at_least_the_share_of_labelled_rows_where_the_model_knows_nothing() -> None:
    """A tree that is surely wrong says g = 0 of every labelled row: then all rows may be positive."""
    X, s = np.arange(20.0)[:, None], np.arange(20) % 2 == 0
    model = ElkanNotoClassifier(DecisionTreeClassifier(), cv=KFold(20)).fit(X, s)
    assert model.c_ >= 0.5
    assert model.class_prior_ <= 1


def test_where_classes_do_not_overlap_and_the_model_is_right_c_is_right() -> None:
    X, _, s = two_clouds(4000, apart=8.0, c=0.3)
    model = ElkanNotoClassifier(DecisionTreeClassifier(max_leaf_nodes=2)).fit(X, s)
    assert model.c_ == pytest.approx(0.3, abs=0.03)
