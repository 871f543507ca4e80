from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import hypergeom

from dechaff.errors import InputError
from dechaff.methods.label_reviews.reviewed_bands import errors_interval


def counts(*numbers: int) -> np.ndarray:
    return np.array(numbers, dtype=np.int64)


@pytest.mark.parametrize(("rows", "reviewed", "wrong"), [(100, 20, 15), (100, 20, 0), (37, 12, 12), (900, 60, 7)])
def test_one_band_gives_the_exact_hypergeometric_interval(rows: int, reviewed: int, wrong: int) -> None:
    possible = [
        number
        for number in range(wrong, rows - (reviewed - wrong) + 1)
        if min(hypergeom.cdf(wrong, rows, number, reviewed), hypergeom.sf(wrong - 1, rows, number, reviewed)) > 0.025
    ]
    assert errors_interval(counts(rows), counts(reviewed), counts(wrong)) == (possible[0], possible[-1])


@pytest.mark.slow
@pytest.mark.parametrize("truth", [(150, 400, 380), (270, 490, 400), (30, 250, 0), (0, 0, 1)])
def test_the_interval_of_several_bands_holds_the_number_as_often_as_it_says(truth: tuple[int, ...]) -> None:
    random = np.random.default_rng(0)
    rows, reviewed = counts(300, 500, 400), counts(30, 40, 35)
    held = 0
    for _ in range(200):
        wrong = np.array([random.hypergeometric(t, n - t, r) for t, n, r in zip(truth, rows, reviewed, strict=True)])
        low, high = errors_interval(rows, reviewed, wrong)
        held += low <= sum(truth) <= high
    assert held >= 190


def test_a_band_that_was_read_in_full_adds_no_doubt() -> None:
    low, high = errors_interval(counts(100), counts(20), counts(15))
    assert errors_interval(counts(100, 50), counts(20, 50), counts(15, 7)) == (low + 7, high + 7)


def test_of_a_band_that_nobody_read_anything_may_be_true() -> None:
    assert errors_interval(counts(10, 5), counts(10, 0), counts(3, 0)) == (3, 8)


def test_many_rows_are_rounded_outwards_by_a_thousandth_at_most() -> None:
    low, high = errors_interval(counts(1_000_000), counts(400), counts(100))
    assert 0.20 < low / 1_000_000 < 0.2085
    assert 0.2955 < high / 1_000_000 < 0.30


def test_more_wrong_rows_than_reviewed_ones_are_refused() -> None:
    with pytest.raises(InputError, match="5 wrong of 4 reviewed of 10 rows in band 0"):
        errors_interval(counts(10), counts(4), counts(5))
