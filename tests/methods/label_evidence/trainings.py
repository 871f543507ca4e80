"""A training as it is told: right labels are learnt early, wrong ones late and by memory."""

from __future__ import annotations

import numpy as np


def training(seed: int = 0, n: int = 400, t: int = 12) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Labels, which of them are wrong, and logits (t, n, 3) after each stage."""
    rng = np.random.default_rng(seed)
    true = rng.integers(0, 3, n)
    wrong = rng.random(n) < 0.2
    labels = np.where(wrong, (true + 1) % 3, true)
    learnt, memory = np.linspace(0.5, 3, t), 4 * np.linspace(0, 1, t) ** 3
    pull = learnt[:, None, None] * np.eye(3)[true] + np.where(wrong, memory[:, None], 0)[..., None] * np.eye(3)[labels]
    return labels, wrong, pull + rng.normal(size=(t, n, 3))
