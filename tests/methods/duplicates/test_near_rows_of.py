"""Rows that differ by rounding are the same if they are compared slab by slab."""

from __future__ import annotations

import numpy as np
import pytest

from dechaff.methods.duplicates import near_rows_of as module
from dechaff.methods.duplicates.near_rows import near_rows
from dechaff.methods.duplicates.near_rows_of import NumberRows, near_rows_of


@pytest.mark.parametrize("made", ["rounded", "odd cells", "by chance", "crowded", "few"])
def test_pairs_are_those_of_near_rows_in_memory(made: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ROWS_OF_SLAB", 150)
    rng = np.random.default_rng(0)
    numbers = rng.normal(size=(1000, {"by chance": 2, "few": 1}.get(made, 5)))
    if made != "by chance":
        numbers[700:740] = numbers[:40] + rng.normal(size=numbers[:40].shape) * 1e-5
    if made == "odd cells":
        numbers[[0, 700], 1], numbers[[1, 701], 2], numbers[2, 3] = np.nan, np.inf, np.nan
        numbers[:, 4] = np.round(numbers[:, 4])
    if made == "crowded":
        numbers = numbers.round(1) + rng.normal(size=numbers.shape) * 1e-4
    others = rng.integers(0, 2, 1000)
    others[700:740] = others[:40]
    others[3] = 1 - others[703]
    pairs, similarity = near_rows(numbers, others)
    rows = NumberRows.of(list(numbers.T), others.astype(np.uint64), np.arange(1000))
    found, alike = near_rows_of(rows)
    np.testing.assert_array_equal(found, pairs)
    np.testing.assert_allclose(alike, similarity)
    if made in ("rounded", "odd cells"):
        assert len(found) >= 37
