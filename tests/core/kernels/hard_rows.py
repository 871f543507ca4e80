"""Labels and numbers that a loop may trip over: ties, NaN, infinities, denormals, no rows, widths around a register."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

WIDTHS = (1, 2, 3, 4, 7, 8, 9, 10, 15, 16, 17, 24, 31, 32, 33, 40, 47, 63, 64, 65, 100, 130, 257)
NOT_FINITE = (np.nan, np.inf, -np.inf)
ODD = (-0.0, 1e-310, 1e-40, -0.25, 1.5, 2.0, 1.0, 0.0)


@dataclass(frozen=True)
class HardRows:
    labels: np.ndarray
    values: np.ndarray

    @property
    def k(self) -> int:
        return self.values.shape[1]


def hard_rows(seed: int, *, odd: bool = True, finite: bool = False) -> HardRows:
    """Some rows, another kind with each seed; with `odd`, numbers that are no probabilities here and there."""
    rng = np.random.default_rng(seed)
    k, n = int(rng.choice(WIDTHS)), int(rng.choice([0, 1, 2, 15, 16, 17, 100, 700]))
    values = rng.dirichlet(np.full(k, rng.choice([0.05, 1.0, 30.0])), size=n)
    if rng.random() < 0.5:
        values = np.round(values * 16) / 16  # ties, and sums that miss one
    if odd and rng.random() < 0.7:
        kinds = ODD if finite else ODD + NOT_FINITE
        spots = rng.random(values.shape) < rng.choice([0.001, 0.05, 0.5])
        values[spots] = rng.choice(kinds, size=int(spots.sum()))
    labels = np.minimum(rng.integers(0, k, n), rng.integers(0, k, n))
    return HardRows(labels, _laid_out(rng, values.astype(rng.choice(["f4", "f8"]))))


def _laid_out(rng: np.random.Generator, values: np.ndarray) -> np.ndarray:
    """The same numbers, lying in memory one way or another."""
    n, k = values.shape
    way = int(rng.integers(8))
    if way == 0:
        return np.asfortranarray(values)
    if way == 1:
        wide = np.full((2 * n, k + 3), np.nan, dtype=values.dtype)
        wide[::2, 1 : k + 1] = values
        return wide[::2, 1 : k + 1]
    if way == 2:
        return values[::-1].copy()[::-1]
    if way == 3:
        room = np.zeros(values.nbytes + 1, dtype=np.uint8)[1:].view(values.dtype).reshape(n, k)
        room[...] = values
        return room
    return values.astype(values.dtype.newbyteorder()) if way == 4 else values
