from __future__ import annotations

import numpy as np

from dechaff.methods.label_reviews.review_strata import review_order, review_strata
from dechaff.methods.label_reviews.reviewed_bands import reviewed_bands


def test_no_band_holds_flagged_and_other_rows() -> None:
    score = np.random.default_rng(0).random(500)
    flag = score > 0.6
    strata = review_strata(score, flag)
    assert set(strata.stratum[flag]) == {0}
    assert set(strata.stratum[~flag]) == {1, 2, 3}
    assert np.isclose(strata.share.sum(), 1)


def test_every_beginning_of_the_order_is_the_sample_of_a_smaller_budget() -> None:
    score = np.random.default_rng(0).random(500)
    order = review_order(review_strata(score, score > 0.6), seed=3)
    assert sorted(order) == list(range(500))
    assert (review_order(review_strata(score, score > 0.6), seed=3) == order).all()
    assert not (review_order(review_strata(score, score > 0.6), seed=4) == order).all()


def test_within_its_band_every_row_is_as_likely_to_be_drawn() -> None:
    score = np.linspace(1, 0, 60)
    strata = review_strata(score, score > 0.5)
    drawn = np.zeros(60)
    for seed in range(2000):
        drawn[review_order(strata, seed=seed)[:12]] += 1
    for band in range(4):
        shares = drawn[strata.stratum == band] / 2000
        assert np.abs(shares - shares.mean()).max() < 5 * np.sqrt(0.25 / 2000)


def test_rows_that_are_closed_are_never_drawn() -> None:
    score = np.random.default_rng(0).random(50)
    open_rows = np.arange(50) % 2 == 0
    order = review_order(review_strata(score, score > 0.6, reviewable=open_rows))
    assert set(order) == set(range(0, 50, 2))


def test_ends() -> None:
    nothing = review_strata(np.zeros(0), np.zeros(0, dtype=bool))
    assert len(review_order(nothing)) == 0
    one = review_strata(np.ones(1), np.ones(1, dtype=bool))
    assert review_order(one).tolist() == [0]
    sure = review_strata(np.zeros(9), np.zeros(9, dtype=bool))
    assert len(review_order(sure)) == 9


def test_rows_read_out_of_turn_are_known_but_prove_nothing() -> None:
    score = np.linspace(1, 0, 100)
    flag = score > 0.5
    strata = review_strata(score, flag)
    order = review_order(strata)
    flagged = order[flag[order]]
    drawn, skipped = flagged[:10], flagged[20:23]
    found = reviewed_bands(strata, order, np.concatenate([drawn, skipped]), np.ones(13, dtype=bool), among=flag)
    assert (found.rows[0], found.reviewed[0], found.wrong[0], found.found_wrong) == (50, 10, 10, 13)
    assert found.errors()[1] >= 13


def test_the_precision_of_flags_lies_in_its_interval_also_when_the_worst_rows_were_read_as_well() -> None:
    random = np.random.default_rng(0)
    score = np.sort(random.random(400))[::-1]
    wrong = random.random(400) < score**2
    flag = score > 0.5
    strata, held = review_strata(score, flag), 0
    for seed in range(200):
        order = review_order(strata, seed=seed)
        read = np.union1d(order[:80], np.arange(40))
        value, low, high = reviewed_bands(strata, order, read, wrong[read], among=flag).errors()
        held += low <= wrong[flag].sum() <= high
        assert low <= value <= high
    assert held >= 190
