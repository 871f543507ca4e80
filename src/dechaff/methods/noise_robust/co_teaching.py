"""Co-teaching: two networks, each of which learns from the rows that the other one finds easy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from dechaff.methods.noise_robust.network import Floats, Network, Training
from dechaff.methods.noise_robust.training import CrossEntropy, NoisyRows, Predict, network_for
from dechaff.typing import Rows


@dataclass(frozen=True)
class CoTeaching:
    """In each batch, each network picks the rows of smallest loss, and the other one learns from them.

    The fraction that is forgotten rises to `forget`, the noise rate, over the first `ramp` epochs. Both networks take
    as many steps as one network elsewhere; the prediction is their mean.

    Source
    ------
    Han, Yao, Yu, Niu, Xu, Hu, Tsang, Sugiyama (2018), NeurIPS, algorithm 1: R(t) = 1 - forget · min(t / ramp, 1).
    """

    forget: float
    ramp: int = 10

    def epochs(self, rows: NoisyRows, training: Training, rng: np.random.Generator) -> Iterator[Predict]:
        """As `Trainer.epochs`."""
        pair, batches = pair_for(rows, training, rng), rows.batches(training, rng)
        for epoch in range(training.epochs):
            kept = 1 - self.forget * min((epoch + 1) / self.ramp, 1)
            for network in pair:
                network.epoch = epoch
            for _ in range(rows.n_steps):
                batch = next(batches)
                easy = [batch[_easiest(network, rows, batch, kept)] for network in pair]
                for network, chosen in zip(pair, reversed(easy), strict=True):
                    _learn(network, rows, chosen)
            yield partial(mean_probs, pair)


def _easiest(network: Network, rows: NoisyRows, batch: Rows, kept: float) -> Rows:
    loss = row_losses(network.probs(rows.features[batch]), rows.targets[batch])
    return np.argsort(loss, kind="stable")[: max(1, round(kept * len(batch)))]


def _learn(network: Network, rows: NoisyRows, chosen: Rows) -> None:
    features = rows.features[chosen]
    network.step(features, CrossEntropy().slope(network.probs(features), rows.targets[chosen]))


def row_losses(probs: Floats, targets: Floats) -> Floats:
    """(m,) cross-entropy of each row."""
    return np.asarray(-(targets * np.log(np.maximum(probs, 1e-7))).sum(axis=1))


def pair_for(rows: NoisyRows, training: Training, rng: np.random.Generator) -> tuple[Network, Network]:
    """Two new networks for these rows, which start from different weights."""
    return network_for(rows, training, rng), network_for(rows, training, rng)


def mean_probs(pair: tuple[Network, ...], features: Floats) -> Floats:
    """The mean prediction of networks."""
    return np.asarray(np.mean([network.probs(features) for network in pair], axis=0))
