"""A curriculum for noisy labels: rows come in by ascending probability that their label is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dechaff.methods.noise_robust.network import Training
from dechaff.methods.noise_robust.training import CrossEntropy, NoisyRows, Predict, network_for
from dechaff.typing import Score


@dataclass(frozen=True)
class NoiseLast:
    """Plain training on the rows of lowest score; their fraction grows from `start` to `end` over half of the epochs.

    Source
    ------
    Bengio, Louradour, Collobert, Weston (2009), ICML; linear pacing of Wu, Dyer, Neyshabur (2021), ICLR. Differs: rows
    are ordered by the noise posterior, not by how hard they are.
    """

    score: Score
    """(n,) probability that the label is wrong."""
    start: float = 0.3
    end: float = 1.0

    def epochs(self, rows: NoisyRows, training: Training, rng: np.random.Generator) -> Iterator[Predict]:
        """As `Trainer.epochs`."""
        network, loss, order = network_for(rows, training, rng), CrossEntropy(), np.argsort(self.score, kind="stable")
        for network.epoch in range(training.epochs):
            fraction = self.start + (self.end - self.start) * min(1, 2 * network.epoch / training.epochs)
            some = rows.take(order[: max(1, round(fraction * len(order)))])
            batches = some.batches(training, rng)
            for _ in range(rows.n_steps):
                batch = next(batches)
                features = some.features[batch]
                network.step(features, loss.slope(network.probs(features), some.targets[batch]))
            yield network.probs
