"""Intervals of a count that hold after each draw."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dechaff.errors import InputError
from dechaff.methods.label_reviews.anytime_count import anytime_count


def _by_loop(n: int, drawn: int, hits: int, chance: float) -> tuple[int, int]:
    def probability(count: int) -> float:
        return math.comb(count, hits) * math.comb(n - count, drawn - hits) / math.comb(n, drawn)

    possible = range(hits, n - (drawn - hits) + 1)
    stays = [count for count in possible if not drawn or (drawn + 1) * probability(count) > chance]
    return min(stays), max(stays)


@pytest.mark.parametrize("n", [1, 2, 7, 30])
def test_it_is_what_the_formula_says_of_every_count(n):
    for drawn in range(n + 1):
        for hits in range(drawn + 1):
            assert anytime_count(n, drawn, hits) == _by_loop(n, drawn, hits, 0.05)


def test_the_truth_is_hardly_ever_left_out_even_if_one_looks_after_each_draw():
    random, missed = np.random.default_rng(0), 0
    for _ in range(400):
        items = random.permutation(np.arange(60) < random.integers(0, 61))
        found = np.cumsum(items)
        ends = [anytime_count(60, drawn, int(found[drawn - 1])) for drawn in range(1, 61)]
        missed += any(not low <= items.sum() <= high for low, high in ends)
    assert missed <= 400 * 0.05


def test_all_items_drawn_leave_no_doubt_and_none_drawn_all():
    assert anytime_count(9, 9, 4) == (4, 4)
    assert anytime_count(9, 0, 0) == (0, 9)
    assert anytime_count(0, 0, 0) == (0, 0)


def test_a_sample_that_cannot_be_is_refused():
    with pytest.raises(InputError, match="more hits than draws"):
        anytime_count(10, 3, 4)
