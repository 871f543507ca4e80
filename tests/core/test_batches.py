from __future__ import annotations

import numpy as np

from dechaff.core.batches import next_batch


def test_a_batch_larger_than_the_rows_holds_each_as_often() -> None:
    batch, waiting = next_batch(np.zeros(0, dtype=int), np.array([3, 5]), 6, np.random.default_rng(0))
    assert np.bincount(batch, minlength=6).tolist() == [0, 0, 0, 3, 0, 3]
    assert len(waiting) == 0


def test_rows_that_wait_come_first() -> None:
    batch, waiting = next_batch(np.array([9]), np.array([3, 5]), 2, np.random.default_rng(0))
    assert batch[0] == 9
    assert sorted([*batch[1:], *waiting]) == [3, 5]
