import numpy as np

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
