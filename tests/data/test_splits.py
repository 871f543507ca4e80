from __future__ import annotations

import numpy as np
import pytest

from dechaff.core.row_hash import row_hash
from dechaff.data.open import open_data
from dechaff.data.splits import HeldOut, rows_by_size
from dechaff.errors import InputError


def test_the_same_rows_are_drawn_in_any_order():
    units = row_hash(np.arange(300, dtype=np.float64).reshape(-1, 1) // 2)
    codes = np.array([0, 1, 1, 2, 2, 2])[np.arange(300) % 6]
    order = np.random.default_rng(0).permutation(300)
    drawn = rows_by_size(codes, units, 0.2, 1)
    assert (rows_by_size(codes[order], units[order], 0.2, 1) == drawn[order]).all()
    assert (rows_by_size(2 - codes, units, 0.2, 1) == drawn).all()


def test_a_fraction_of_each_class_is_drawn_and_no_unit_is_cut():
    units = row_hash(np.arange(300, dtype=np.float64).reshape(-1, 1) // 3)
    codes = (np.arange(300) >= 60).astype(np.int64)
    drawn = rows_by_size(codes, units, 0.1, 0)
    assert np.bincount(codes[drawn]).tolist() == [6, 24]
    assert set(drawn.reshape(-1, 3).sum(axis=1)) == {0, 3}


def test_equal_rows_and_groups_that_share_a_row_stay_together():
    data = {"x": [f"x{row // 2}" for row in range(100)], "who": [f"w{(row + 1) // 2}" for row in range(100)]}
    data["label"] = ["a"] * 100
    with pytest.raises(InputError, match="leave rows on both sides"):  # all rows are connected
        open_data(data, label="label", group="who", test_size=0.3)


def test_drawn_rows_are_found_again_in_any_part():
    test = np.random.default_rng(0).random(100) < 0.3
    held_out = HeldOut.at(test)
    assert all((held_out.mask(first, 13) == test[first : first + 13]).all() for first in (0, 3, 8, 50, 87))
