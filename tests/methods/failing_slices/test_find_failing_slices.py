from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_array

from dechaff.methods.failing_slices.find_failing_slices import FailingSlice, find_failing_slices

N = 1200
CODES = np.random.default_rng(0).integers(0, 6, (3, N))
HOLDS = csr_array(np.concatenate([[column == code for code in range(6)] for column in CODES]).astype(float))


def model(bad: np.ndarray, *, seed: int = 0, rate: float = 0.05, worse: float = 0.5) -> tuple[np.ndarray, np.ndarray]:
    """Labels, and the probabilities of a model that errs more often on the bad rows, without knowing it."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, N)
    said = np.where(rng.random(N) < np.where(bad, worse, rate), 1 - labels, labels)
    return labels, np.where(np.eye(2)[said] == 1, 0.9, 0.1)


def find(labels: np.ndarray, probs: np.ndarray, **options: Any) -> tuple[FailingSlice, ...]:
    usual = {"doubt": np.zeros(N), "halves": np.arange(N) % 2, "incidental": np.zeros(18, dtype=bool), "smallest": 20}
    return find_failing_slices(labels, probs, HOLDS, **{**usual, **options})


def test_a_part_in_which_the_model_fails_is_found_with_its_error_rate() -> None:
    bad = CODES[0] == 2
    found = find(*model(bad))
    assert [one.conditions for one in found] == [(2,)]
    np.testing.assert_array_equal(found[0].rows, np.flatnonzero(bad))
    assert found[0].low < 0.5 < found[0].high
    assert found[0].error_outside < 0.1


def test_a_part_of_two_conditions_is_found() -> None:
    assert find(*model((CODES[0] == 2) & (CODES[1] < 3) & (CODES[1] > 1), worse=0.9))[0].conditions == (2, 8)


def test_a_model_that_fails_equally_often_everywhere_has_none() -> None:
    assert not any(find(*model(np.zeros(N, dtype=bool), seed=seed, rate=0.2)) for seed in range(20))


def test_errors_on_rows_with_doubtful_labels_are_none_of_the_model() -> None:
    bad = CODES[0] == 2
    assert not find(*model(bad), doubt=np.where(bad, 0.95, 0.0))


def test_rows_that_are_left_out_do_not_count() -> None:
    bad = CODES[0] == 2
    assert not find(*model(bad), halves=np.where(bad, -1, np.arange(N) % 2))


@pytest.mark.parametrize(("incidental", "number"), [(False, 0), (True, 1)])
def test_a_hard_part_that_the_model_knows_of_counts_if_its_property_should_not_matter(
    incidental: bool, number: int
) -> None:
    bad = CODES[0] == 2
    labels, probs = model(bad)
    probs[bad] = np.where(probs[bad] > 0.5, 0.55, 0.45)
    assert len(find(labels, probs, incidental=np.full(18, incidental))) == number


def test_there_may_be_no_condition_and_no_row() -> None:
    labels, probs = model(np.zeros(N, dtype=bool))
    assert not find(labels, probs, halves=np.full(N, -1))
    nothing = {"doubt": np.zeros(N), "halves": np.zeros(N, int), "incidental": np.zeros(0, bool), "smallest": 20}
    assert not find_failing_slices(labels, probs, csr_array((0, N)), **nothing)


@pytest.mark.parametrize("incidental", [False, True])
def test_a_model_that_is_always_right_elsewhere_fails_in_the_part(incidental: bool) -> None:
    found = find(*model(CODES[0] == 2, rate=0.0), incidental=np.full(18, incidental))
    assert [one.conditions for one in found] == [(2,)]
    assert found[0].error_outside == 0
