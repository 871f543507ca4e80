"""A linear softmax model, or one hidden layer of rectified units before it, in plain numpy, trained by AdamW."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from scipy.special import softmax

Floats = npt.NDArray[np.floating[Any]]
"""(m, k) or (m,) float32: precise enough for gradients, and twice as fast as float64."""


class Network(Protocol):
    """What trainers need of a network."""

    epoch: int
    """Number of the epoch, from 0; the learning rate depends on it."""

    @property
    def rate(self) -> float:
        """The learning rate of this epoch."""

    def probs(self, features: Floats) -> Floats:
        """(m, k) probabilities of the classes."""

    def step(self, features: Floats, slope: Floats) -> None:
        """One step, given the gradient (m, k) of the loss of each row by its logits."""


@dataclass(frozen=True)
class Training:
    """What all methods that are compared have in common: the architecture and the budget."""

    hidden: int = 64
    """Units of the hidden layer; 0 for a linear model."""
    architecture: Architecture | None = None
    """What makes a network of another kind; None for `DenseNetwork`."""
    epochs: int = 20
    batch: int = 128
    rate: float = 3e-3
    """Learning rate; falls to a tenth over the epochs."""
    decay: float = 1e-3
    """Weight decay per step, as a multiple of the learning rate."""

    def rate_at(self, epoch: int) -> float:
        """The learning rate of an epoch, counted from 0."""
        return float(self.rate * 0.1 ** (epoch / self.epochs))


Architecture = Callable[[int, int, Training, np.random.Generator], Network]
"""``architecture(n_features, n_classes, training, rng)`` makes a network with random weights."""


class Adam:
    """Steps on one array of numbers, in place.

    Source
    ------
    Kingma, Ba (2015), ICLR, algorithm 1; the decay of Loshchilov, Hutter (2019), ICLR.
    """

    def __init__(self, values: Floats, decay: float = 0.0) -> None:
        self.values, self.decay, self.steps = values, decay, 0
        self.mean, self.square = np.zeros_like(values), np.zeros_like(values)

    def step(self, gradient: Floats, rate: float) -> None:
        """Moves the values against the gradient."""
        self.steps += 1
        self.mean += 0.1 * (gradient - self.mean)
        self.square += 0.001 * (gradient * gradient - self.square)
        size = rate * np.sqrt(1 - 0.999**self.steps) / (1 - 0.9**self.steps)
        self.values *= 1 - rate * self.decay
        self.values -= size * self.mean / (np.sqrt(self.square) + 1e-8)


class DenseNetwork:
    """Weights that steps change in place, and predictions with them."""

    def __init__(self, n_features: int, n_classes: int, training: Training, rng: np.random.Generator) -> None:
        sizes = (n_features, training.hidden, n_classes) if training.hidden else (n_features, n_classes)
        shapes = [(above + 1, below) for above, below in pairwise(sizes)]
        ends = np.cumsum([rows * columns for rows, columns in shapes])
        flat = np.zeros(ends[-1], dtype=np.float32)
        self.gradient = np.zeros_like(flat)
        self.layers, self.slopes = (
            [p.reshape(s) for p, s in zip(np.split(one, ends[:-1]), shapes, strict=True)]
            for one in (flat, self.gradient)
        )
        for layer in self.layers:  # He et al. (2015)
            layer[:-1] = rng.normal(0, np.sqrt(2 / (len(layer) - 1)), layer[:-1].shape)
        self.layers[-1] *= 0.5
        self.adam, self.training, self.epoch = Adam(flat, training.decay), training, 0

    @property
    def rate(self) -> float:
        """The learning rate of this epoch."""
        return self.training.rate_at(self.epoch)

    def probs(self, features: Floats) -> Floats:
        """(m, k) probabilities of the classes."""
        return np.asarray(softmax(self._forward(features)[-1], axis=1))

    def step(self, features: Floats, slope: Floats) -> None:
        """One step, given the gradient (m, k) of the loss of each row by its logits."""
        inputs = self._forward(features)[:-1]
        slope = slope.astype(np.float32) / np.float32(len(slope))
        for place in reversed(range(len(self.layers))):
            np.matmul(inputs[place].T, slope, out=self.slopes[place][:-1])
            slope.sum(axis=0, out=self.slopes[place][-1])
            if place:
                slope = (slope @ self.layers[place][:-1].T) * (inputs[place] > 0)
        self.adam.step(self.gradient, self.rate)

    def _forward(self, features: Floats) -> list[Floats]:
        """The input of each layer, and the logits."""
        passed = [features]
        for layer in self.layers[:-1]:
            passed.append(np.maximum(passed[-1] @ layer[:-1] + layer[-1], 0))
        last = self.layers[-1]
        return [*passed, passed[-1] @ last[:-1] + last[-1]]


def through_softmax(probs: Floats, slope: Floats) -> Floats:
    """The gradient by the logits, from the gradient by the probabilities; both (m, k)."""
    return np.asarray(probs * (slope - (probs * slope).sum(axis=1, keepdims=True)))
