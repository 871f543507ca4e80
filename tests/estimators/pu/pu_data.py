"""Positives and unlabelled rows whose truth is known."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Drawn(NamedTuple):
    """Rows, truth, and which positives are labelled."""

    X: np.ndarray
    y: np.ndarray
    s: np.ndarray


def two_clouds(n: int = 600, *, c: float = 0.4, apart: float = 3.0, seed: int = 0, positives: float = 0.5) -> Drawn:
    """Two round clouds; a share c of the positives is labelled, at random."""
    random = np.random.default_rng(seed)
    y = random.random(n) < positives
    X = random.normal(size=(n, 2)) + apart * y[:, None]
    return Drawn(X, y, y & (random.random(n) < c))
