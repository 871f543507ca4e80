from __future__ import annotations

import numpy as np
from scipy.special import expit

from dechaff.methods.label_reviews.review_budget import (
    UNTOLD,
    budget_steps,
    covariance_excursions,
    level_excursions,
    review_budget,
)

NOTHING = np.zeros((0, 2))


def test_the_interval_of_known_scores_is_that_of_independent_rows() -> None:
    random = np.random.default_rng(0)
    log_odds = np.sort(random.normal(0, 2, 2000))[::-1]
    held = np.zeros(3)
    for _ in range(300):
        wrong = random.random(2000) < expit(log_odds)
        budget = review_budget(log_odds, np.array([50, 500, 2000]), excursions=NOTHING, unproven=0)
        found = np.cumsum(wrong)[budget.rows - 1]
        held += (budget.low <= found) & (found <= budget.high)
    assert (held >= 0.9 * 300).all()


def test_a_level_that_nobody_knows_widens_it_to_the_interval_of_the_errors() -> None:
    log_odds = np.random.default_rng(0).normal(-2, 1, 5000)
    errors = expit(log_odds).sum()
    excursions = level_excursions(log_odds, errors * 0.7, errors * 1.4)
    budget = review_budget(log_odds, np.array([5000]), excursions=excursions, unproven=0)
    assert budget.low[0] < 0.75 * errors
    assert 1.3 * errors < budget.high[0] < 1.6 * errors


def test_numbers_beyond_the_rows_count_as_all_and_none_as_none() -> None:
    budget = review_budget(np.array([0.0, 1.0]), np.array([0, 7]), excursions=NOTHING)
    assert budget.rows.tolist() == [0, 2]
    assert budget.errors[0] == 0
    assert (budget.high <= budget.rows).all()


def test_no_rows_have_no_errors() -> None:
    assert level_excursions(np.zeros(0), 0, 0).tolist() == [[0, 0], [0, 0]]
    assert review_budget(np.zeros(0), np.array([10]), excursions=NOTHING).errors.tolist() == [0]
    assert budget_steps(7).tolist() == [7]
    assert review_budget(np.zeros(3), np.zeros(0, dtype=np.int64), excursions=NOTHING).errors.tolist() == []


def test_sure_rows_are_doubted_where_there_may_be_no_error_at_all() -> None:
    log_odds = np.concatenate([np.full(100, 6.0), np.full(900, -6.0)])
    budget = review_budget(log_odds, np.array([50]), excursions=level_excursions(log_odds, 0, 120))
    assert budget.errors[0] > 49
    assert budget.low[0] < 1


def test_what_reviews_tell_narrows_the_level() -> None:
    log_odds = np.random.default_rng(0).normal(-2, 1, 500)
    before, after = (np.ptp(level_excursions(log_odds, 0, 200, information=told)[:, 0]) for told in (0, 25))
    assert after < before / 2


def test_excursions_of_a_covariance_give_its_variance_back() -> None:
    covariance = np.array([[0.5, 0.2], [0.2, 0.3]])
    lines = covariance_excursions(covariance)[:2] / 1.96
    assert np.allclose(lines.T @ lines, covariance)


def test_a_number_of_errors_that_may_be_anything_is_not_named() -> None:
    log_odds = np.concatenate([np.full(100, 6.0), np.full(900, -6.0)])
    unknown = review_budget(log_odds, np.array([50, 100]), excursions=level_excursions(log_odds, 0, 400))
    assert repr(unknown) == f"How many errors reviewing 50 rows finds {UNTOLD}."
    read = level_excursions(log_odds, 0, 400, information=7.5)  # of 30 reviews at even odds
    assert repr(review_budget(log_odds, np.array([50, 100]), excursions=read)).startswith(
        "Reviewing 50 rows finds 50 ±"
    )


def test_the_level_is_as_uncertain_upwards_as_its_interval_and_no_more() -> None:
    log_odds = np.random.default_rng(0).normal(-2, 1, 5000)
    errors = expit(log_odds).sum()
    budget = review_budget(log_odds, np.array([5000]), excursions=level_excursions(log_odds, 0, 1.3 * errors))
    assert budget.low[0] < 0.01 * errors
    assert budget.high[0] < 1.5 * errors
