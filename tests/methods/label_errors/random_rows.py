"""Random labels and probabilities to compare: rare and missing classes, fewer rows than classes, classes of one row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st


@dataclass(frozen=True)
class Case:
    seed: int
    n: int
    k: int
    dtype: type
    evenness: float
    """Of the classes: small = most rows in few of them."""
    noise: float
    skill: float

    def rows(self) -> tuple[np.ndarray, np.ndarray]:
        """Labels and probabilities; no two numbers are equal but by chance, two classes at least are seen."""
        rng = np.random.default_rng(self.seed)
        true = rng.choice(self.k, self.n, p=rng.dirichlet(np.full(self.k, self.evenness)))
        labels = np.where(rng.random(self.n) < self.noise, rng.integers(0, self.k, self.n), true)
        labels[:2] = [0, 1]
        seen = rng.dirichlet(np.ones(self.k), self.n) + self.skill * rng.random((self.n, 1)) * np.eye(self.k)[true]
        return labels, (seen / seen.sum(axis=1, keepdims=True)).astype(self.dtype)


cases = st.builds(
    Case,
    seed=st.integers(0, 2**32 - 1),
    n=st.integers(2, 120),
    k=st.integers(2, 12),
    dtype=st.sampled_from([np.float32, np.float64]),
    evenness=st.sampled_from([0.1, 1.0, 10.0]),
    noise=st.floats(0, 1),
    skill=st.floats(0, 4),
)
