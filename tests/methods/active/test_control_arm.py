"""The order of the control arm, the labels saved, and the gain that is expected."""

from __future__ import annotations

import numpy as np
import pytest

from dechaff.core.row_hash import row_hash
from dechaff.methods.active.control_arm import control_order, inside
from dechaff.methods.active.labels_saved import labels_saved
from dechaff.methods.active.next_gain import next_gain


def test_the_first_rows_are_a_random_sample() -> None:
    rows = np.arange(2_000)
    firsts = [np.argsort(control_order(row_hash(rows[:, None]), seed=seed))[:200] for seed in range(40)]
    counts = np.bincount(np.concatenate(firsts), minlength=2_000)
    assert counts.mean() == 4
    assert counts.var() == pytest.approx(40 * 0.1 * 0.9, rel=0.1)


def test_the_sample_grows_and_does_not_depend_on_the_order_of_the_rows() -> None:
    hashes = row_hash(np.arange(100)[:, None])
    order = control_order(hashes, seed=3)
    assert control_order(hashes[::-1], seed=3)[::-1].tolist() == order.tolist()
    few, many = (inside(order, int(np.sort(order)[n - 1])) for n in (10, 30))
    assert (few.sum(), many.sum(), (few & many).sum()) == (10, 30, 10)
    assert not inside(order, None).any()


def test_labels_saved_by_hand() -> None:
    # Errors 1/2, 1/4 at 50 and 100 random labels: they fall by the first power, so 1/8 needs about 200.
    rows = np.arange(4_000)
    mean, low, high = labels_saved(rows % 2 > 0, rows % 4 > 0, rows % 8 > 0, sizes=(50, 100, 120), seed=0)
    assert mean == pytest.approx(80, abs=2)
    assert 60 < low < mean < high < 100


def test_labels_that_teach_nothing_more_save_none() -> None:
    right = np.arange(100) % 4 > 0
    mean, low, high = labels_saved(right, right, right, sizes=(50, 100, 150), seed=0)
    assert mean == pytest.approx(-50)
    assert low <= mean <= high


def test_changes_back_and_forth_gain_nothing() -> None:
    now = np.arange(100) % 3
    assert next_gain(now, now, now) == 0
    flipped = np.where(np.arange(100) < 20, (now + 1) % 3, now)
    assert next_gain(now, flipped, flipped) == 0
    assert next_gain(now, now, flipped) == pytest.approx(0.2 / 6)
    assert next_gain(now, flipped, now) == 0
    assert next_gain(now[:0], now[:0], now[:0]) == 0
