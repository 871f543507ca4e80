"""Mixup: the network learns from mixtures of two rows and of their labels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dechaff.methods.noise_robust.network import Floats, Training
from dechaff.methods.noise_robust.training import CrossEntropy, NoisyRows, Predict, network_for


@dataclass(frozen=True)
class Mixup:
    """Each row is mixed with another of its batch, ``lam x + (1 - lam) x'``, lam from Beta(alpha, alpha).

    Source
    ------
    Zhang, Cisse, Dauphin, Lopez-Paz (2018), ICLR, equation 1; alpha = 1 for CIFAR-10, up to 8 with noisy labels there.
    """

    alpha: float = 1.0

    def epochs(self, rows: NoisyRows, training: Training, rng: np.random.Generator) -> Iterator[Predict]:
        """As `Trainer.epochs`."""
        network, batches, loss = network_for(rows, training, rng), rows.batches(training, rng), CrossEntropy()
        for network.epoch in range(training.epochs):
            for _ in range(rows.n_steps):
                batch = next(batches)
                features, targets = mixed(rows.features[batch], rows.targets[batch], self.alpha, rng)
                network.step(features, loss.slope(network.probs(features), targets))
            yield network.probs


def mixed(features: Floats, targets: Floats, alpha: float, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """The rows of a batch, each mixed with another one, with one random fraction per row."""
    fraction = rng.beta(alpha, alpha, size=(len(features), 1)).astype(np.float32)
    other = rng.permutation(len(features))
    return (
        fraction * features + (1 - fraction) * features[other],
        fraction * targets + (1 - fraction) * targets[other],
    )
