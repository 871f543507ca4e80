"""Class and propensity by expectation maximisation: the likelihood rises, and the truth is found where it can be."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from dechaff.errors import InputError
from dechaff.methods.pu.sar_em import FitWeighted, chances, sar_em

KIND, PLACE = np.repeat([0, 0, 1, 1], 250), np.repeat([0, 1, 0, 1], 250)


def shares_of(group: np.ndarray) -> FitWeighted:
    """The exact model of a category: the weighted fraction of each."""

    def fit(rows: np.ndarray, targets: np.ndarray, row_weights: np.ndarray) -> np.ndarray:
        sums, wholes = (np.bincount(group[rows], weights) for weights in (row_weights * targets, row_weights))
        return (sums / wholes)[group]

    return fit


def people(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    y = random.random(1000) < np.where(KIND == 1, 1.0, 0.3)
    return y, y & (random.random(1000) < np.where(PLACE == 1, 1.0, 0.2))


def test_the_likelihood_never_falls_where_both_models_are_exact() -> None:
    found = sar_em(shares_of(KIND), shares_of(PLACE), people()[1], max_iter=60)
    assert (np.diff(found.log_likelihoods) > -1e-9).all()


def test_it_is_the_papers_loop_written_out() -> None:
    s = people()[1]
    share = s.mean()
    f = shares_of(KIND)(np.arange(1000), s.astype(int), np.where(s, 1 - share, share))
    e = shares_of(PLACE)(np.arange(1000), s.astype(int), np.where(s, 1, f))
    for _ in range(15):
        likely = np.where(s, 1, f * (1 - e) / (1 - f * e))
        f = np.array([likely[kind == KIND].mean() for kind in (0, 1)])[KIND]
        e = np.array([(likely * s)[one == PLACE].sum() / likely[one == PLACE].sum() for one in (0, 1)])[PLACE]
    found = sar_em(shares_of(KIND), shares_of(PLACE), s, max_iter=15, tol=1e-12)
    assert np.allclose(found.positive_probs, f)
    assert np.allclose(found.propensities, e)
    assert len(found.log_likelihoods) == 16
    assert not found.converged


def test_the_truth_is_found_where_some_rows_are_surely_positive_and_some_surely_labelled() -> None:
    y, s = people()
    found = sar_em(shares_of(KIND), shares_of(PLACE), s, max_iter=2000, tol=1e-9)
    assert found.converged
    assert found.propensities[[0, -1]] == pytest.approx([0.2, 1.0], abs=0.06)
    assert found.positive_probs[[0, -1]] == pytest.approx([0.3, 1.0], abs=0.06)
    assert found.chances.mean() == pytest.approx(y.mean(), abs=0.03)


def test_else_a_factor_may_go_from_one_to_the_other_and_nothing_shows_it() -> None:
    """f k and e / k have the same likelihood, for any k from the highest e to 1 / the highest f."""
    y, _ = people()
    s = y & (np.random.default_rng(3).random(1000) < np.where(PLACE == 1, 0.6, 0.2))
    found = sar_em(shares_of(KIND), shares_of(PLACE), s, max_iter=500, tol=1e-7)
    assert found.propensities[-1] > 0.65
    assert found.propensities[-1] * found.positive_probs[-1] == pytest.approx(0.6, abs=0.05)
    assert found.propensities[-1] / found.propensities[0] == pytest.approx(3, abs=0.7)


def test_with_one_propensity_for_all_and_separate_classes_it_finds_c() -> None:
    random = np.random.default_rng(1)
    y = np.arange(500) < 200
    X, s = random.normal(size=(500, 1)) + 6 * y[:, None], y & (random.random(500) < 0.3)

    def logistic(rows: np.ndarray, targets: np.ndarray, row_weights: np.ndarray) -> np.ndarray:
        return LogisticRegression().fit(X[rows], targets, sample_weight=row_weights).predict_proba(X)[:, 1]

    found = sar_em(logistic, shares_of(np.zeros(500, dtype=int)), s, max_iter=60)
    assert found.propensities[0] == pytest.approx(s.sum() / 200, abs=0.02)
    assert ((found.positive_probs > 0.5) == y).mean() > 0.99


def test_weights_count_as_rows_in_the_likelihood() -> None:
    s = people()[1]
    constant = shares_of(np.zeros(1000, dtype=int))
    whole = sar_em(constant, constant, s, weights=np.full(1000, 3.0), max_iter=3)
    assert np.allclose(whole.log_likelihoods, sar_em(constant, constant, s, max_iter=3).log_likelihoods)


def test_chances_are_bayes_rule_and_stay_off_the_ends() -> None:
    found = chances(np.array([0.5, 1.0, 0.0, 0.2]), np.array([0.5, 1.0, 0.4, 0.3]), np.array([False] * 3 + [True]))
    assert found[0] == pytest.approx(0.25 / 0.75)
    assert found[3] == 1
    assert ((found[1:3] > 0) & (found[1:3] < 1)).all()


def test_bad_numbers_are_refused() -> None:
    s = people()[1]
    with pytest.raises(InputError, match="max_iter must be a whole number, 1 or more"):
        sar_em(shares_of(KIND), shares_of(PLACE), s, max_iter=0)
    with pytest.raises(InputError, match="tol must be above 0"):
        sar_em(shares_of(KIND), shares_of(PLACE), s, tol=0)
