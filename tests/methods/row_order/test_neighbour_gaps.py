from __future__ import annotations

from itertools import pairwise

import numpy as np

from dechaff.methods.row_order.neighbour_gaps import gap_doubt, gap_p_value, gap_statistic


def near(values: np.ndarray, count: int = 5) -> np.ndarray:
    away = np.abs(values[:, None] - values) + np.diag(np.full(len(values), np.inf))
    return np.argsort(away, axis=1, kind="stable")[:, :count]


def test_statistic_and_doubt_are_those_of_the_definition() -> None:
    neighbours = near(np.random.default_rng(0).normal(size=30), 3)
    gaps = np.abs(neighbours - np.arange(30)[:, None])
    pairs = np.array([abs(i - j) for i in range(30) for j in range(i)])
    shares = [abs((gaps <= gap).mean() - (pairs <= gap).mean()) for gap in range(30)]
    np.testing.assert_allclose(gap_statistic(neighbours), max(shares))
    for row in (0, 7, 29):
        others = np.abs(np.delete(np.arange(30), row) - row)

        def area(end: int, others: np.ndarray = others) -> float:
            """Below straight lines through the shares: rows within a gap come evenly."""
            return sum(((others <= gap).mean() + (others <= gap + 1).mean()) / 2 for gap in range(end))

        ends = [0, *sorted(gaps[row]), 29]
        parts = [abs(at / 3 * (b - a) - (area(b) - area(a))) for at, (a, b) in enumerate(pairwise(ends))]
        assert abs(gap_doubt(neighbours)[row] - np.tanh(sum(parts) / max(row, 30 - row))) < 0.03


def test_a_drift_shows_and_independent_rows_do_not() -> None:
    rng = np.random.default_rng(0)
    drawn = rng.normal(size=200)
    drifting = np.linspace(0, 3, 200) + drawn / 10
    assert gap_p_value(near(drifting), random=rng) == 0.01
    assert gap_p_value(near(drawn), random=rng) > 0.05
    assert gap_doubt(near(drifting)).mean() > gap_doubt(near(drawn)).mean() + 0.1


def test_p_values_of_independent_rows_are_even() -> None:
    rng = np.random.default_rng(1)
    found = np.array([gap_p_value(near(rng.normal(size=60), 3), random=rng, permutations=19) for _ in range(400)])
    # Never too often below a level; of whole gaps some tie, so a little less.
    for level in (0.05, 0.2, 0.5):
        assert level - 0.06 < (found <= level).mean() < level + 0.04


def test_no_rows_have_no_order() -> None:
    nobody = np.zeros((0, 3), dtype=np.int64)
    assert gap_statistic(nobody) == 0
    assert gap_p_value(nobody, random=np.random.default_rng(0)) == 1
    assert len(gap_doubt(nobody)) == 0


def test_a_single_row_has_no_order() -> None:
    alone = np.zeros((1, 1), dtype=np.int64)
    assert gap_statistic(alone) == 0
    assert gap_p_value(alone, random=np.random.default_rng(0)) == 1
    assert gap_doubt(alone).tolist() == [0]
