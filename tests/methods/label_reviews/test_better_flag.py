from __future__ import annotations

import numpy as np

from dechaff.methods.label_reviews.better_flag import best_f1_flag, better_flag

ODDS = np.array([6.0, 5.0, 2.0, 0.5, -3.0, -3.0])
BEFORE = np.array([True, True, False, False, False, False])


def test_few_reviews_leave_the_flags_of_before() -> None:
    assert (better_flag(ODDS, BEFORE, reviews=2) == BEFORE).all()


def test_many_reviews_take_the_best_flags() -> None:
    best = best_f1_flag(ODDS)
    assert best.sum() > 2
    assert (better_flag(ODDS, BEFORE, reviews=1000) == best).all()


def test_flags_of_labels_that_prove_right_do_not_stay() -> None:
    assert not better_flag(np.full(6, -9.0), BEFORE, reviews=2).any()


def test_no_rows_have_no_flags() -> None:
    assert better_flag(ODDS[:0], BEFORE[:0], reviews=2).shape == (0,)
