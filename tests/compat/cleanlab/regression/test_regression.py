"""``regression``: scores are cleanlab's, ``CleanLearning`` is over `dechaff.find_target_errors`."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import Ridge

import dechaff.compat.cleanlab as ours
from dechaff.compat.cleanlab.regression.learn import CleanLearning
from dechaff.errors import InputError
from tests.compat.cleanlab.rows import quietly, theirs


def made(seed: int, n: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of which the first 20 are wrong."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3))
    y = X @ [1.0, 2.0, -1.0] + 0.2 * rng.normal(size=n)
    y[:20] += 6
    return X, y


@pytest.mark.parametrize("method", ["outre", "residual"])
@pytest.mark.parametrize("n", [7, 400, 601])
def test_quality_is_equal(method: str, n: int) -> None:
    rng = np.random.default_rng(n)
    labels = rng.normal(size=n)
    predictions = labels + 0.3 * rng.normal(size=n)
    np.testing.assert_allclose(
        ours.regression.rank.get_label_quality_scores(labels, predictions, method=method),
        quietly(theirs.regression.rank.get_label_quality_scores, labels, predictions, method=method),
        rtol=1e-9,
    )


def test_issues_are_found_and_left_out_of_training() -> None:
    X, y = made(0)
    model = Ridge()
    cleaner = CleanLearning(model, seed=0)
    issues = cleaner.find_label_issues(X, y)
    assert list(issues.columns) == ["is_label_issue", "label_quality", "given_label", "predicted_label"]
    assert issues["is_label_issue"][:20].mean() > 0.9
    assert issues["is_label_issue"][20:].mean() < 0.02
    cleaner.fit(X, y, label_issues=cleaner.get_label_issues())
    assert abs(cleaner.predict(X)[20:] - y[20:]).mean() < 0.2
    assert cleaner.score(X[20:], y[20:]) > 0.95
    assert not hasattr(model, "coef_")


def test_clean_numbers_are_left_alone() -> None:
    rng = np.random.default_rng(1)
    X = rng.normal(size=(500, 3))
    y = X.sum(axis=1) + rng.normal(size=500)
    assert CleanLearning().find_label_issues(X, y)["is_label_issue"].sum() == 0


def test_frames_keep_their_index_and_a_clone_starts_afresh() -> None:
    X, y = made(2)
    names = [f"r{row}" for row in range(len(y))]
    cleaner = CleanLearning(RandomForestRegressor(20, random_state=0))
    cleaner.fit(pd.DataFrame(X, index=names), pd.Series(y, index=names))
    assert cleaner.get_label_issues().index.tolist() == names
    assert cleaner.label_issues_mask.sum() > 10
    assert clone(cleaner).get_label_issues() is None
    cleaner.save_space()
    assert cleaner.get_label_issues() is None


def test_weights_masks_and_uncertainties_are_used() -> None:
    X, y = made(3)
    mask = np.arange(len(y)) < 20
    weighted = CleanLearning().fit(X, y, label_issues=mask, sample_weight=np.ones(len(y)))
    assert weighted.get_label_issues()["is_label_issue"].sum() == 20
    cleaner = CleanLearning(n_boot=2)
    found = cleaner.find_label_issues(X, y, uncertainty=0.5, save_space=True)
    assert found["is_label_issue"][:20].mean() > 0.9
    assert cleaner.get_label_issues() is None
    assert cleaner.get_epistemic_uncertainty(X, y).shape == y.shape
    assert CleanLearning(n_boot=0).get_epistemic_uncertainty(X, y).sum() == 0
    assert cleaner.get_aleatoric_uncertainty(X, y - y.mean()) > 0


def test_wrong_inputs_are_named() -> None:
    X, y = made(4, 30)
    with pytest.raises(InputError, match="row 3"):
        CleanLearning().find_label_issues(X, np.where(np.arange(30) == 3, np.nan, y))
    with pytest.raises(InputError, match="cv_n_folds"):
        CleanLearning(cv_n_folds=40).find_label_issues(X, y)
    with pytest.raises(InputError, match="mask of 30 rows"):
        CleanLearning().fit(X, y, label_issues=[1, 2])
    with pytest.raises(InputError, match="given labels"):
        CleanLearning().fit(X, y, label_issues=pd.DataFrame({"is_label_issue": y > 9, "given_label": y + 1}))
