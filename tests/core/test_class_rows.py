from __future__ import annotations

import numpy as np
import pytest

from dechaff.core.class_rows import class_rows


@pytest.mark.parametrize("k", [1, 3, 256, 257, 70_000])
def test_each_class_has_its_rows_in_order(k: int) -> None:
    labels = np.random.default_rng(0).integers(0, k, 500)
    by_class = class_rows(labels, k)
    for code in {0, k // 2, k - 1, int(labels[0])}:
        np.testing.assert_array_equal(by_class.of(code), np.flatnonzero(labels == code))


def test_no_rows_are_of_no_class() -> None:
    assert class_rows(np.empty(0, dtype=int), 2).of(1).tolist() == []
