from __future__ import annotations

import numpy as np
from scipy.special import expit

from dechaff.methods.label_reviews.review_budget import budget_steps, level_covariance, review_budget

NOTHING = np.zeros((2, 2))


def test_the_interval_of_known_scores_is_that_of_independent_rows() -> None:
    random = np.random.default_rng(0)
    log_odds = np.sort(random.normal(0, 2, 2000))[::-1]
    held = np.zeros(3)
    for _ in range(300):
        wrong = random.random(2000) < expit(log_odds)
        budget = review_budget(log_odds, np.array([50, 500, 2000]), covariance=NOTHING, unproven=0)
        found = np.cumsum(wrong)[budget.rows - 1]
        held += (budget.low <= found) & (found <= budget.high)
    assert (held >= 0.9 * 300).all()


def test_a_level_that_nobody_knows_widens_it_to_the_interval_of_the_errors() -> None:
    log_odds = np.random.default_rng(0).normal(-2, 1, 5000)
    errors = expit(log_odds).sum()
    covariance = level_covariance(log_odds, errors * 0.7, errors * 1.4)
    budget = review_budget(log_odds, np.array([5000]), covariance=covariance, unproven=0)
    assert budget.low[0] < 0.75 * errors
    assert 1.3 * errors < budget.high[0] < 1.6 * errors


def test_numbers_beyond_the_rows_count_as_all_and_none_as_none() -> None:
    budget = review_budget(np.array([0.0, 1.0]), np.array([0, 7]), covariance=NOTHING)
    assert budget.rows.tolist() == [0, 2]
    assert budget.errors[0] == 0
    assert (budget.high <= budget.rows).all()


def test_no_rows_have_no_errors() -> None:
    assert level_covariance(np.zeros(0), 0, 0).tolist() == [[0, 0], [0, 0]]
    assert review_budget(np.zeros(0), np.array([10]), covariance=NOTHING).errors.tolist() == [0]
    assert budget_steps(7).tolist() == [7]
