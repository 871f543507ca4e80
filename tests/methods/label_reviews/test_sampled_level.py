from __future__ import annotations

import numpy as np

from dechaff.methods.label_reviews.review_strata import review_order, review_strata
from dechaff.methods.label_reviews.sampled_level import sampled_level


def test_scores_that_are_wrong_by_band_are_put_right_by_the_sample() -> None:
    held, away = 0, []
    for seed in range(60):
        random = np.random.default_rng(seed)
        score = random.choice([0.95, 0.3], 2000, p=[0.1, 0.9])  # the truth is 0.95 and 0.05
        wrong = random.random(2000) < np.where(score > 0.5, 0.95, 0.05)
        strata = review_strata(score, score > 0.5)
        order = review_order(strata, seed=seed)
        read, left = order[:200], order[200:]
        errors, _ = sampled_level(score, strata, order, reviewed=read, wrong=wrong[read]).errors(score, left)
        away.append(abs(errors - wrong[left].sum()) / abs(score[left].sum() - wrong[left].sum()))
        calibrated = np.where(score > 0.5, 0.95, 0.05)
        level = sampled_level(calibrated, strata, order, reviewed=read, wrong=wrong[read])
        errors, reach = level.errors(calibrated, left)
        held += abs(errors - wrong[left].sum()) <= reach
    assert np.mean(away) < 0.4
    assert held >= 54


def test_without_a_sample_the_scores_stand() -> None:
    score = np.linspace(0.9, 0.1, 50)
    strata = review_strata(score, score > 0.5)
    order = review_order(strata)
    nobody = np.zeros(0, dtype=np.int64)
    level = sampled_level(score, strata, order, reviewed=nobody, wrong=nobody.astype(bool))
    assert np.isclose(level.errors(score, order)[0], score.sum())


def test_where_all_was_read_nothing_is_left() -> None:
    score = np.linspace(0.9, 0.1, 50)
    strata = review_strata(score, score > 0.5)
    order = review_order(strata)
    level = sampled_level(score, strata, order, reviewed=order, wrong=score[order] > 0.5)
    assert level.errors(score, order[:0]) == (0, 0)
