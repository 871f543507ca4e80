"""Three clouds of points, of which a known share carries the label of the next one."""

from __future__ import annotations

import numpy as np


def noisy_clouds(n: int = 300, *, rate: float = 0.2, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """X, true classes, given classes."""
    random = np.random.default_rng(seed)
    true = random.integers(0, 3, n)
    X = random.normal(size=(n, 3)) + 4 * np.eye(3)[true]
    return X, true, np.where(random.random(n) < rate, (true + 1) % 3, true)
