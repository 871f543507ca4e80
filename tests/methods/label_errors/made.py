"""Made data: classes of known noise, seen by a model of known skill."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Made:
    labels: np.ndarray
    probs: np.ndarray
    true: np.ndarray
    transition: np.ndarray

    @property
    def wrong(self) -> np.ndarray:
        return self.labels != self.true


def made(transition: np.ndarray, *, n: int = 6000, skill: float = 4.0, sharpness: float = 1.0, seed: int = 0) -> Made:
    """Labels that went wrong by T, and what the best model of them says: ``T q(x)``, raised to a power.

    `skill` is how far apart the classes lie; q(x) is the true posterior of n points around k corners.
    """
    rng = np.random.default_rng(seed)
    k = len(transition)
    true = rng.integers(0, k, n)
    points = skill * np.eye(k)[true] + rng.normal(size=(n, k))
    sure = np.exp(skill * points)
    sure = sure / sure.sum(axis=1, keepdims=True)
    labels = np.array([rng.choice(k, p=transition[:, j]) for j in true])
    probs = (sure @ transition.T) ** sharpness
    return Made(labels, probs / probs.sum(axis=1, keepdims=True), true, transition)


def pair_noise(k: int, rate: float) -> np.ndarray:
    """Each class is mistaken for the next one, and for no other."""
    return (1 - rate) * np.eye(k) + rate * np.roll(np.eye(k), 1, axis=0)


def some_noise(k: int, rate: float, *, seed: int = 0) -> np.ndarray:
    """Classes of different noise, spread unevenly over the others; the mean rate is `rate`."""
    rng = np.random.default_rng(seed)
    spread = rng.dirichlet(np.full(k, 0.5), k).T * (1 - np.eye(k))
    rates = rng.uniform(0.3, 1.7, k)
    wrong = spread / spread.sum(axis=0) * rates / rates.mean() * rate
    return wrong + np.diag(1 - wrong.sum(axis=0))


def f1(flag: np.ndarray, wrong: np.ndarray) -> float:
    return float(2 * (flag & wrong).sum() / (flag.sum() + wrong.sum()))
