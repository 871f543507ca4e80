"""Sums over pairs of rows have the same bits in numpy and in the native kernel."""

from __future__ import annotations

import numpy as np
import pytest

from dechaff.core.kernels.native import available
from dechaff.core.kernels.pair_sums import pair_products, pair_squares


@pytest.mark.parametrize("kernel", available())
@pytest.mark.parametrize("function", [pair_products, pair_squares])
@pytest.mark.parametrize("d", [0, 1, 7, 8, 9, 31, 64, 130])
def test_every_kernel_gives_the_bits_of_numpy(kernel: str, function, d: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(d)
    rows = (rng.normal(size=(50, d)) * 10.0 ** rng.integers(-38, 30, (50, d))).astype(np.float32)
    if d:
        rows[3, 0], rows[4, 0], rows[5, d - 1] = np.nan, np.inf, 1e-45
    mine, theirs = rng.integers(0, 50, (2, 400))
    monkeypatch.setenv("DECHAFF_KERNEL", "numpy")
    with np.errstate(all="ignore"):
        slow = function(rows, rows[::-1], mine, theirs)
    monkeypatch.setenv("DECHAFF_KERNEL", kernel)
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(function(rows, rows[::-1], mine, theirs), slow)
        np.testing.assert_array_equal(function(np.asfortranarray(rows), rows[::-1], mine, theirs), slow)


@pytest.mark.parametrize("kind", [np.float64, np.int32, np.float16, ">f4"])
def test_any_numbers_are_summed(kind) -> None:
    rows = np.arange(24).reshape(4, 6).astype(kind)
    mine, theirs = np.array([0, 3, 2]), np.array([1, 3, 0])
    whole = np.arange(24.0).reshape(4, 6)
    assert pair_products(rows, rows, mine, theirs).tolist() == (whole[mine] * whole[theirs]).sum(axis=1).tolist()
    assert (
        pair_squares(rows, rows, mine, theirs).tolist() == np.square(whole[mine] - whole[theirs]).sum(axis=1).tolist()
    )


def test_no_pairs_have_no_sums() -> None:
    nobody = np.empty(0, dtype=np.int64)
    assert (
        pair_products(np.empty((0, 3), dtype=np.float32), np.ones((2, 3), dtype=np.float32), nobody, nobody).size == 0
    )
