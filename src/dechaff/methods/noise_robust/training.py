"""The rows that trainers learn from, their batches, and training with one loss."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from dechaff.core.batches import next_batch
from dechaff.errors import InputError
from dechaff.methods.noise_robust.network import DenseNetwork, Floats, Network, Training
from dechaff.typing import Labels, Rows

Predict = Callable[[Floats], Floats]
"""Probabilities (m, k) of rows (m, d)."""


@dataclass(frozen=True)
class NoisyRows:
    """n rows to learn from."""

    features: Floats
    """(n, d)."""
    targets: Floats
    """(n, k) the given labels as one-hot rows, or a distribution of the true class."""
    weights: Floats
    """(n,) 0 or more; a row of weight 0 is left out."""
    n_steps: int
    """Steps per epoch. Data from which rows were removed keep it, so that every method takes as many steps."""

    @classmethod
    def of(cls, features: Floats, labels: Labels, n_classes: int, training: Training) -> NoisyRows:
        """All rows with their given labels, weighted equally."""
        n_steps = -(-len(labels) // training.batch)
        targets = np.eye(n_classes, dtype=np.float32)[labels]
        return cls(np.asarray(features, dtype=np.float32), targets, np.ones(len(labels), dtype=np.float32), n_steps)

    def take(self, rows: npt.NDArray[np.bool_] | Rows) -> NoisyRows:
        """Some rows, at as many steps per epoch."""
        return replace(self, features=self.features[rows], targets=self.targets[rows], weights=self.weights[rows])

    def batches(self, training: Training, rng: np.random.Generator) -> Iterator[Rows]:
        """The rows of each step, without end: shuffled anew after each pass over the rows that count."""
        counted = np.flatnonzero(self.weights > 0)
        if not len(counted):
            raise InputError("No row has a weight above 0.", fix="Leave at least one row a weight above 0.")
        waiting = counted[:0]
        while True:
            batch, waiting = next_batch(waiting, counted, training.batch, rng)
            yield batch


class Loss(Protocol):
    """A loss of noisy labels."""

    def slope(self, probs: Floats, targets: Floats) -> Floats:
        """(m, k) gradient by the logits, from probabilities (m, k) and targets (m, k)."""


class Trainer(Protocol):
    """A way to train on noisy labels."""

    def epochs(self, rows: NoisyRows, training: Training, rng: np.random.Generator) -> Iterator[Predict]:
        """The predictions after each epoch. The same network may go on to learn: use them before the next epoch."""


@dataclass(frozen=True)
class CrossEntropy:
    """Minus the log-probability of the target: ``p - target``."""

    def slope(self, probs: Floats, targets: Floats) -> Floats:
        """As `Loss.slope`."""
        return np.asarray(probs - targets)


@dataclass(frozen=True)
class WithLoss:
    """Plain training, with any loss."""

    loss: Loss = CrossEntropy()

    def epochs(self, rows: NoisyRows, training: Training, rng: np.random.Generator) -> Iterator[Predict]:
        """As `Trainer.epochs`."""
        network = network_for(rows, training, rng)
        batches = rows.batches(training, rng)
        for network.epoch in range(training.epochs):
            for _ in range(rows.n_steps):
                batch = next(batches)
                features = rows.features[batch]
                slope = self.loss.slope(network.probs(features), rows.targets[batch])
                network.step(features, slope * rows.weights[batch, None])
            yield network.probs


def network_for(rows: NoisyRows, training: Training, rng: np.random.Generator) -> Network:
    """A new network for these rows."""
    made = training.architecture or DenseNetwork
    return made(rows.features.shape[1], rows.targets.shape[1], training, rng)
