"""S-model: the noise matrix is one more layer, which is learned with the network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import softmax

from dechaff.methods.noise_robust.forward_correction import ForwardCorrection
from dechaff.methods.noise_robust.network import Adam, Floats, Training, through_softmax
from dechaff.methods.noise_robust.training import NoisyRows, Predict, network_for


@dataclass(frozen=True)
class SModel:
    """Cross-entropy of the label with ``T p``, where the logits of the columns of T are weights that are learned.

    Nothing tells T from the errors of the network, so much depends on where it starts: at `kept` on the diagonal.

    Source
    ------
    Goldberger, Ben-Reuven (2017), ICLR, section 2, "simple" noise adaptation layer. Differs: T starts near the
    identity and not at the confusion matrix of a first network.
    """

    kept: float = 0.9

    def epochs(self, rows: NoisyRows, training: Training, rng: np.random.Generator) -> Iterator[Predict]:
        """As `Trainer.epochs`."""
        network, batches = network_for(rows, training, rng), rows.batches(training, rng)
        n_classes = rows.targets.shape[1]
        spread = (1 - self.kept) / (n_classes - 1)
        logits = np.full((n_classes, n_classes), np.log(spread), dtype=np.float32)
        np.fill_diagonal(logits, np.log(self.kept))
        layer = Adam(logits)
        for network.epoch in range(training.epochs):
            for _ in range(rows.n_steps):
                batch = next(batches)
                features, targets = rows.features[batch], rows.targets[batch]
                probs = network.probs(features)
                columns = softmax(logits.T, axis=1)  # (true, given)
                network.step(features, ForwardCorrection(columns.T).slope(probs, targets))
                layer.step(_slope_of_layer(probs, targets, columns).T, network.rate)
            yield network.probs


def _slope_of_layer(probs: Floats, targets: Floats, columns: Floats) -> Floats:
    """(k, k) gradient by the logits of p(given | true), one row per true class."""
    ratio = targets / np.maximum(probs @ columns, 1e-6)
    slope = -(probs.T @ ratio) / len(probs)
    return through_softmax(columns, slope)
