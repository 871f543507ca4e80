"""DivideMix, reduced: two networks part the rows by a mixture of losses, correct labels, and learn from mixtures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from dechaff.methods.noise_robust.co_teaching import mean_probs, pair_for, row_losses
from dechaff.methods.noise_robust.mixup import mixed
from dechaff.methods.noise_robust.network import Floats, Network, Training
from dechaff.methods.noise_robust.training import CrossEntropy, NoisyRows, Predict


@dataclass(frozen=True)
class DivideMixLite:
    """Before each epoch, the losses of one network say how probably each label is right, for the other network.

    Labels are blended with the mean prediction of both by that probability ("co-refinement"); rows that are probably
    wrong have only the sharpened prediction ("co-guessing"). All are mixed up. A fifth of the epochs are plain.

    Source
    ------
    Li, Socher, Hoi (2020), ICLR, algorithm 1. Differs: one mixture of all rows, no augmentation, and one loss
    (cross-entropy) for both parts, so no weight between them.
    """

    threshold: float = 0.5
    sharpness: float = 2.0
    """One over the temperature of the paper, .5."""
    alpha: float = 4.0

    def epochs(self, rows: NoisyRows, training: Training, rng: np.random.Generator) -> Iterator[Predict]:
        """As `Trainer.epochs`."""
        pair, batches = pair_for(rows, training, rng), rows.batches(training, rng)
        for epoch in range(training.epochs):
            plain = 5 * epoch < training.epochs
            targets = (rows.targets, rows.targets) if plain else self._refined(pair, rows)
            for network, refined in zip(pair, targets, strict=True):
                network.epoch = epoch
                for _ in range(rows.n_steps):
                    batch = next(batches)
                    features, wanted = mixed(rows.features[batch], refined[batch], self.alpha, rng)
                    network.step(features, CrossEntropy().slope(network.probs(features), wanted))
            yield partial(mean_probs, pair)

    def _refined(self, pair: tuple[Network, Network], rows: NoisyRows) -> tuple[Floats, Floats]:
        """The targets of each network, from the losses of the other one."""
        guesses = [network.probs(rows.features) for network in pair]
        right = [probably_right(row_losses(guess, rows.targets)) for guess in guesses]
        mean = (guesses[0] + guesses[1]) / 2
        first, second = (self._targets(mean, rows.targets, by_other) for by_other in reversed(right))
        return first, second

    def _targets(self, mean: Floats, targets: Floats, right: Floats) -> Floats:
        share = np.where(right > self.threshold, right, 0)[:, None]
        sharp = (share * targets + (1 - share) * mean) ** self.sharpness
        return np.asarray(sharp / sharp.sum(axis=1, keepdims=True), dtype=np.float32)


_STEPS = 10


def probably_right(losses: Floats) -> Floats:
    """(n,) posterior of the component of smaller mean, of a mixture of two normals fitted to the losses by EM.

    Examples
    --------
    >>> probably_right(np.array([0.0, 0.1, 0.1, 2.9, 3.0])).round(2)
    array([1., 1., 1., 0., 0.])
    """
    values = (losses - losses.min()) / max(float(np.ptp(losses)), 1e-6)
    means, spreads, shares = np.array([0.0, 1.0]), np.array([0.3, 0.3]), np.array([0.5, 0.5])
    for _ in range(_STEPS):
        logs = np.log(shares) - np.log(spreads) - ((values[:, None] - means) / spreads) ** 2 / 2
        of_rows = np.exp(logs - logs.max(axis=1, keepdims=True))
        of_rows /= of_rows.sum(axis=1, keepdims=True)
        mass = of_rows.sum(axis=0) + 1e-6
        means = of_rows.T @ values / mass
        spreads = np.sqrt((of_rows * (values[:, None] - means) ** 2).sum(axis=0) / mass + 5e-4)
        shares = mass / mass.sum()
    return np.asarray(of_rows[:, means.argmin()])
