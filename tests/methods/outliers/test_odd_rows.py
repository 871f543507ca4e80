"""Odd rows by several measures at once."""

from __future__ import annotations

import numpy as np

from dechaff.methods.outliers.energy import ClassEnergy
from dechaff.methods.outliers.neighbour_distance import content_folds
from dechaff.methods.outliers.odd_rows import odd_rows
from dechaff.typing import Chunk

RANDOM = np.random.default_rng(0)


def p_values(chunk: Chunk, **options) -> np.ndarray:
    return odd_rows(chunk, seed=0, **options).rows({**chunk, "fold": content_folds(chunk, seed=0)})


def test_far_rows_are_the_rarest_in_tables_and_embeddings() -> None:
    rows = RANDOM.normal(size=(600, 40))
    rows[:3] *= -8
    rows[:3, 0] = 90
    for chunk in ({"numbers": rows, "codes": np.zeros((600, 0))}, {"vectors": rows}):
        assert set(np.argsort(p_values(chunk))[:3].tolist()) == {0, 1, 2}


def test_energy_is_one_more_measure() -> None:
    probs = np.full((300, 4), 0.02)
    probs[np.arange(300), RANDOM.integers(0, 4, 300)] = 0.94
    probs += RANDOM.uniform(0, 0.01, probs.shape)
    probs[7] = 0.25
    chunk = {"numbers": RANDOM.normal(size=(300, 2)), "codes": np.zeros((300, 0)), "probs": probs}
    assert p_values(chunk, more=[ClassEnergy()]).argmin() == 7


def test_of_too_few_rows_none_is_odd() -> None:
    rows = np.array([[0.0], [1e9]] * 5)
    assert p_values({"numbers": rows, "codes": np.zeros((10, 0))}).tolist() == [1] * 10
