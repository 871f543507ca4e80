"""Self-paced learning: rows of small loss weigh more, and the threshold follows the losses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dechaff.methods.noise_robust.co_teaching import row_losses
from dechaff.methods.noise_robust.network import Training
from dechaff.methods.noise_robust.training import CrossEntropy, NoisyRows, Predict, network_for


@dataclass(frozen=True)
class SelfPaced:
    """MentorNet with the predefined curriculum: the weight is ``max(0, 1 - loss / threshold)``.

    The threshold is a moving average of a percentile of the losses of a batch; a fifth of the epochs come first, in
    which all rows count.

    Source
    ------
    Jiang, Zhou, Leung, Li, Fei-Fei (2018), ICML, MentorNet PD, section 3 and algorithm 1 (percentile .75 there);
    Kumar, Packer, Koller (2010), NeurIPS. Differs: one threshold, from which the linear weights follow.
    """

    percentile: float = 0.75

    def epochs(self, rows: NoisyRows, training: Training, rng: np.random.Generator) -> Iterator[Predict]:
        """As `Trainer.epochs`."""
        network, batches, loss = network_for(rows, training, rng), rows.batches(training, rng), CrossEntropy()
        threshold = np.inf
        for network.epoch in range(training.epochs):
            for _ in range(rows.n_steps):
                batch = next(batches)
                features, targets = rows.features[batch], rows.targets[batch]
                probs = network.probs(features)
                losses = row_losses(probs, targets)
                seen = float(np.quantile(losses, self.percentile))
                threshold = seen if np.isinf(threshold) else 0.9 * threshold + 0.1 * seen
                warm = 5 * network.epoch < training.epochs
                weights = np.ones_like(losses) if warm else np.maximum(0, 1 - losses / max(threshold, 1e-6))
                network.step(features, loss.slope(probs, targets) * weights[:, None])
            yield network.probs
