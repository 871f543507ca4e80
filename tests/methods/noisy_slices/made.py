"""Rows whose true class a model knows, with labels that go wrong in one part."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dechaff.methods.noisy_slices.condition import Condition
from dechaff.methods.noisy_slices.slice_models import SliceModels

MARK = Condition("t contains markup", ("t",), incidental=True)
RULE = Condition("colour is 'red'", ("colour",), incidental=False)


@dataclass(frozen=True)
class Rows:
    """True classes (n,), given labels (n,), and probabilities of a model that knows the truth 95 times in 100."""

    true: np.ndarray
    labels: np.ndarray
    probs: np.ndarray

    def knows(self, fit_rows: np.ndarray, fit_codes: np.ndarray, predict_rows: np.ndarray) -> np.ndarray:
        """A FitPredict that has learnt the truth, whatever it was fitted on."""
        return self.probs[predict_rows]

    def models(self, **changes: object) -> SliceModels:
        """The model as the only one; unless changed, one that sees everything has learnt no slice."""
        parts: dict[str, object] = {
            "labels": self.labels,
            "folds": np.arange(len(self.labels)) % 3,
            "n_classes": self.probs.shape[1],
            "screens": (self.knows,),
            "examiner": lambda columns: self.knows,
            "in_sight": self.probs,
        }
        return SliceModels(**{**parts, **changes})  # type: ignore[arg-type]


def rows(n: int, k: int, spoil: Callable[[np.ndarray, np.random.Generator], np.ndarray], inside: np.ndarray) -> Rows:
    """Rows of k classes whose labels ``spoil`` changes inside."""
    rng = np.random.default_rng(0)
    true = rng.integers(0, k, n)
    shown = np.where(rng.random(n) < 0.05, (true + 1) % k, true)
    probs = np.full((n, k), 0.06 / k) + 0.94 * np.eye(k)[shown]
    return Rows(true, np.where(inside, spoil(true, rng), true), probs)


def swapped(true: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Every class moved on by one."""
    return (true + 1) % (true.max() + 1)


def drawn(true: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Classes drawn anew."""
    return rng.integers(0, true.max() + 1, len(true))


def a_third_moved(true: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Every third label is of another class, each equally often."""
    k = int(true.max()) + 1
    return np.where(rng.random(len(true)) < 1 / 3, (true + rng.integers(1, k, len(true))) % k, true)


def sound(true: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The truth."""
    return true
