"""Words that speak for one class against another."""

from __future__ import annotations

import numpy as np
import pytest

from dechaff.errors import InputError
from dechaff.methods.label_evidence.telling_words import PRIOR_WORDS, telling_words


def test_it_is_the_formula_of_the_paper():
    first, second, whole = np.array([8.0, 2, 40]), np.array([1.0, 9, 50]), np.array([20.0, 30, 150])
    prior = PRIOR_WORDS * whole / 200
    score = []
    for y, z, a in zip(first, second, prior, strict=True):
        odds = np.log((y + a) / (50 + 500 - y - a)) - np.log((z + a) / (60 + 500 - z - a))
        score.append(odds / np.sqrt(1 / (y + a) + 1 / (z + a)))
    assert telling_words(first, second, whole) == pytest.approx(score)


def test_the_other_way_round_the_signs_turn():
    one, other = np.array([5.0, 0, 3]), np.array([0.0, 9, 3])
    assert telling_words(one, other, one + other) == pytest.approx(-telling_words(other, one, one + other))


def test_words_without_a_difference_tell_nothing_however_frequent():
    assert abs(telling_words(np.array([900.0, 1]), np.array([900.0, 1]), np.array([1800.0, 2]))).max() < 1e-9
    assert len(telling_words(np.zeros(0), np.zeros(0), np.zeros(0))) == 0


def test_lengths_must_agree():
    with pytest.raises(InputError, match="same number of rows"):
        telling_words(np.ones(2), np.ones(2), np.ones(3))
