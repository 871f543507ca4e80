"""Bootstrapping: a part of each target is what the network itself predicts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dechaff.methods.noise_robust.network import Floats


@dataclass(frozen=True)
class HardBootstrapping:
    """Cross-entropy with ``beta · target + (1 - beta) · e_predicted``.

    Source
    ------
    Reed, Lee, Anguelov, Szegedy, Erhan, Rabinovich (2015), ICLR workshop, equation 7; beta = .8 there.

    Examples
    --------
    >>> HardBootstrapping(0.8).slope(np.array([[0.75, 0.25]]), np.array([[0.0, 1.0]])).round(2)
    array([[ 0.55, -0.55]])
    """

    beta: float = 0.8

    def slope(self, probs: Floats, targets: Floats) -> Floats:
        """As `Loss.slope`."""
        predicted = np.eye(probs.shape[1], dtype=probs.dtype)[probs.argmax(axis=1)]
        return np.asarray(probs - self.beta * targets - (1 - self.beta) * predicted)
