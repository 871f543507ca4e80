import numpy as np
import pytest

from dechaff.estimators.flexible_reference import FEWEST, flexible_reference


def test_it_learns_what_a_line_cannot() -> None:
    random = np.random.default_rng(0)
    X = random.normal(size=(600, 2))
    labelled = (X[:, 0] * X[:, 1] > 0) & (random.random(600) < 0.6)
    g = flexible_reference(X, labelled, np.arange(600) % 5)
    assert g is not None
    assert g[labelled].mean() > 2 * g[~labelled].mean()


def test_rows_that_are_left_out_get_no_score_and_missing_values_are_taken() -> None:
    X = np.where(np.arange(100) % 9 == 0, np.nan, np.arange(100))[:, None]
    folds = np.where(np.arange(100) < 10, -1, np.arange(100) % 3)
    g = flexible_reference(X, np.arange(100) % 3 == 1, folds)
    assert g is not None
    assert np.isnan(g[:10]).all()
    assert np.isfinite(g[10:]).all()


def test_too_few_labelled_rows_teach_trees_nothing() -> None:
    labelled = np.arange(200) < FEWEST - 1
    assert flexible_reference(np.arange(200.0)[:, None], labelled, np.arange(200) % 5) is None


def test_of_many_rows_some_are_learnt_from_whatever_their_order_and_probabilities_stay_right(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("dechaff.estimators.flexible_reference.MOST_ROWS", 400)
    random = np.random.default_rng(0)
    X = random.normal(size=(3000, 1))
    labelled = random.random(3000) < 0.2 * (X[:, 0] > 0)
    folds, order = np.arange(3000) % 3, random.permutation(3000)
    g = flexible_reference(X, labelled, folds)
    again = flexible_reference(X[order], labelled[order], folds[order])
    assert g is not None
    assert again is not None
    assert g[order] == pytest.approx(again)
    assert g.mean() == pytest.approx(labelled.mean(), abs=0.05)


def test_weights_are_learnt_from() -> None:
    random = np.random.default_rng(0)
    X = random.normal(size=(600, 1))
    labelled = random.random(600) < 0.5
    g = flexible_reference(X, labelled, np.arange(600) % 3, weights=np.where(labelled, 3.0, 1.0))
    assert g is not None
    assert g.mean() == pytest.approx(0.75, abs=0.05)
