"""Rows whose truth is known, in both schemes, so that estimates can be held against what they estimate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Known:
    """What a metric sees, and the truth about the population."""

    labelled: np.ndarray
    scores: np.ndarray
    c: float
    population_y: np.ndarray
    population_scores: np.ndarray

    @property
    def predicted(self) -> np.ndarray:
        return self.scores > 0.5

    @property
    def population_predicted(self) -> np.ndarray:
        return self.population_scores > 0.5


def single_training_set(n: int = 40000, *, prior: float = 0.3, c: float = 0.4, seed: int = 0) -> Known:
    """One sample, of whose positives a share c is labelled."""
    random = np.random.default_rng(seed)
    y = random.random(n) < prior
    scores = 1 / (1 + np.exp(-random.normal(size=n) - 1.5 * y + 0.5))
    labelled = y & (random.random(n) < c)
    return Known(labelled, scores, labelled.sum() / y.sum(), y, scores)


def case_control(n: int = 40000, *, prior: float = 0.3, n_labelled: int = 8000, seed: int = 0) -> Known:
    """Labelled positives, and unlabelled rows that are a sample of the population."""
    random = np.random.default_rng(seed)
    y = np.append(np.ones(n_labelled, dtype=bool), random.random(n) < prior)
    scores = 1 / (1 + np.exp(-random.normal(size=len(y)) - 1.5 * y + 0.5))
    labelled = np.arange(len(y)) < n_labelled
    return Known(labelled, scores, n_labelled / y.sum(), y[n_labelled:], scores[n_labelled:])
