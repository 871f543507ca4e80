"""Intervals of the entries of a noise matrix."""

from __future__ import annotations

import numpy as np
import pytest

from dechaff.methods.label_errors import label_noise as module
from dechaff.methods.label_errors.label_noise import entry_intervals
from dechaff.methods.label_errors.plateau_transition import LEAST_NOISE


def test_an_entry_has_the_interval_of_the_share_that_was_seen() -> None:
    seen, rows = np.array([[0.7, 0.1], [0.3, 0.9]]), np.array([100, 100])
    low, high = entry_intervals(np.array([[0.75, 0.3], [0.25, 0.7]]), seen, rows)
    # Wilson for 30 of 100: .219 to .396
    assert low[1, 0] == pytest.approx(0.219 - LEAST_NOISE / 2, abs=1e-3)
    assert high[1, 0] == pytest.approx(0.396 + LEAST_NOISE, abs=1e-3)
    assert high[0, 1] == 0.3  # what is believed is within, however little of it was seen


def test_a_large_matrix_is_the_same_in_pieces(monkeypatch) -> None:
    rng = np.random.default_rng(0)
    transition, seen, rows = rng.dirichlet(np.ones(50), 50).T, rng.dirichlet(np.ones(50), 50).T, rng.integers(0, 90, 50)
    whole = entry_intervals(transition, seen, rows)
    monkeypatch.setattr(module, "_ENTRIES_AT_ONCE", 170)
    np.testing.assert_array_equal(entry_intervals(transition, seen, rows), whole)
    assert (whole[0] <= transition).all()
    assert (transition <= whole[1]).all()
