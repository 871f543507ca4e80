"""Made rows with wrong labels, models of them, and embeddings that know more, the same, or nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

K = 4


@dataclass(frozen=True)
class Made:
    labels: np.ndarray
    true: np.ndarray
    probs: np.ndarray
    """Of a fair model of the given labels."""
    better: np.ndarray
    """Of a good one, whose mistakes are its own."""
    embedding: np.ndarray
    """Of another origin: tells the true classes apart in its own way."""
    own: np.ndarray
    """The fair model's log-probabilities, turned: nothing but what the model knows."""

    @property
    def wrong(self) -> np.ndarray:
        return np.asarray(self.labels != self.true)


def made(seed: int = 0, n: int = 2000, noise: float = 0.2) -> Made:
    rng = np.random.default_rng(seed)
    true = rng.integers(0, K, n)
    labels = np.where(rng.random(n) < noise, rng.integers(0, K, n), true)
    probs = _model(rng, true, noise, sure=2.0)
    logs = np.log(probs)
    return Made(
        labels=labels,
        true=true,
        probs=probs,
        better=_model(rng, true, noise, sure=3.0),
        embedding=rng.normal(size=(n, 8)) + 2.5 * np.eye(K, 8)[true],
        own=logs @ rng.normal(size=(K, K)),
    )


def _model(rng: np.random.Generator, true: np.ndarray, noise: float, *, sure: float) -> np.ndarray:
    logits = rng.normal(size=(len(true), K)) + sure * np.eye(K)[true]
    clean = np.exp(sure * logits / 2)
    clean /= clean.sum(axis=1, keepdims=True)
    return np.asarray((1 - noise) * clean + noise / K)


def average_precision(wrong: np.ndarray, score: np.ndarray) -> float:
    hits = wrong[np.argsort(-score, kind="stable")]
    return float((np.cumsum(hits) / np.arange(1, len(hits) + 1))[hits].mean())


def doubt(labels: np.ndarray, probs: np.ndarray) -> np.ndarray:
    return np.asarray(1 - probs[np.arange(len(labels)), labels])
