"""Intervals of the entries of a noise matrix."""

from __future__ import annotations

import numpy as np
import pytest

from dechaff.methods.label_errors import label_noise as module
from dechaff.methods.label_errors.label_noise import entry_intervals
from dechaff.methods.label_errors.plateau_transition import LEAST_NOISE, PRIOR_ROWS, symmetric_noise


def test_an_entry_has_the_interval_of_the_share_that_was_seen() -> None:
    rates = np.array([0.2, 0.2])
    seen, rows = np.array([[0.7, 0.1], [0.3, 0.9]]), np.array([100, 100])
    mixed = (rows * seen + PRIOR_ROWS * symmetric_noise(rates)) / (rows + PRIOR_ROWS)
    low, high = entry_intervals(mixed, rows, rates)
    # Wilson for 30 of 100: .219 to .396
    assert low[1, 0] == pytest.approx(0.219 - LEAST_NOISE / 2, abs=1e-3)
    assert high[1, 0] == pytest.approx(0.396 + LEAST_NOISE, abs=1e-3)


def test_a_large_matrix_is_the_same_in_pieces(monkeypatch) -> None:
    rng = np.random.default_rng(0)
    transition, rows, rates = rng.dirichlet(np.ones(50), 50).T, rng.integers(0, 90, 50), rng.uniform(0.1, 0.3, 50)
    whole = entry_intervals(transition, rows, rates)
    monkeypatch.setattr(module, "_ENTRIES_AT_ONCE", 170)
    np.testing.assert_array_equal(entry_intervals(transition, rows, rates), whole)
    assert (whole[0] <= transition).all()
    assert (transition <= whole[1]).all()
