"""Where one model cannot tell c, others are asked."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

from dechaff.estimators.label_folds import label_folds
from dechaff.estimators.pu_classifier import PUClassifier
from dechaff.estimators.pu_rows import PURows
from dechaff.estimators.second_opinions import FEWEST, second_opinions
from dechaff.methods.pu.binned_scores import bin_scores
from dechaff.methods.pu.class_prior.consensus import consensus
from tests.estimators.pu_data import Drawn, two_clouds


def quadrants(n: int = 3000, c: float = 0.5) -> Drawn:
    """Positive where two numbers have the same sign, which no line can tell; a third tells a little of it."""
    random = np.random.default_rng(0)
    X = random.normal(size=(n, 3))
    X[:, :2] += 0.3 * np.sign(X[:, :2])
    y = X[:, 0] * X[:, 1] > 0
    X[:, 2] += 0.6 * y
    return Drawn(X, y, y & (random.random(n) < c))


def test_a_line_that_tells_nothing_apart_learns_c_from_trees() -> None:
    X, _, s = quadrants()
    model = PUClassifier().fit(X, s)
    assert consensus(bin_scores(model.label_probs_, s)) < 0.4
    assert model.c_ == pytest.approx(0.5, abs=0.05)
    used = next(row for row in model.estimates(n_bootstraps=20) if row.used)
    assert used.c == model.c_
    assert used.c_low < 0.5 < used.c_high


def test_a_model_whose_scores_tell_c_is_believed() -> None:
    X, _, s = two_clouds(1000, apart=4.0)
    model = PUClassifier().fit(X, s)
    assert model.c_ == consensus(bin_scores(model.label_probs_, s))


def test_a_c_that_is_known_needs_no_opinion() -> None:
    X, _, s = quadrants(400)
    model = PUClassifier(c=0.5).fit(X, s)
    assert model.c_ == 0.5
    assert model.estimates(n_bootstraps=2)["consensus"].c == consensus(bin_scores(model.label_probs_, s))


def test_the_opinions_are_out_of_fold_and_the_same_of_any_container() -> None:
    X, _, s = quadrants(300)
    X = X.round(1)
    folds = label_folds(np.arange(300, dtype=np.uint64), s)
    found = [
        second_opinions(PURows(one, s), folds) for one in (X, csr_array(X), pd.DataFrame(X, columns=["a", "b", "c"]))
    ]
    assert [len(one) for one in found] == [2, 2, 2]
    for one in found[1:]:
        assert all(np.allclose(g, same) for g, same in zip(found[0], one, strict=True))


@pytest.mark.parametrize("missing", [np.nan, np.inf])
def test_missing_and_endless_values_are_borne(missing: float) -> None:
    X, _, s = quadrants(300)
    X[::9, 0] = missing
    found = second_opinions(PURows(X, s), np.arange(300) % 5)
    assert all(np.isfinite(g).all() for g in found)


def test_texts_and_a_handful_of_labelled_rows_give_none() -> None:
    X, _, s = quadrants(300)
    texts = [f"word{place}" for place in range(300)]
    assert second_opinions(PURows(texts, s), np.arange(300) % 5) == ()
    few = np.flatnonzero(s)[: FEWEST - 1]
    assert second_opinions(PURows(X, np.isin(np.arange(300), few)), np.arange(300) % 5) == ()


def test_equal_rows_are_no_more_evidence_than_one() -> None:
    X, s = np.repeat([[0.0], [1.0]], 50, axis=0), np.arange(100) % 3 == 0
    assert second_opinions(PURows(X, s), np.arange(100) % 5) == ()
