"""Generalised cross-entropy: between cross-entropy, which fits every label, and the robust mean absolute error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dechaff.methods.noise_robust.network import Floats


@dataclass(frozen=True)
class GeneralisedCrossEntropy:
    """``(1 - p_label^q) / q``: cross-entropy as q approaches 0, mean absolute error at q = 1.

    Rows that the network thinks improbable weigh ``p_label^q``, so it hardly learns from them.

    Source
    ------
    Zhang, Sabuncu (2018), NeurIPS, equation 6; q = .7 there.

    Examples
    --------
    >>> GeneralisedCrossEntropy(q=1.0).slope(np.array([[0.75, 0.25]]), np.array([[0.0, 1.0]]))
    array([[ 0.1875, -0.1875]])
    """

    q: float = 0.7

    def slope(self, probs: Floats, targets: Floats) -> Floats:
        """As `Loss.slope`."""
        of_label = (probs * targets).sum(axis=1, keepdims=True)
        return np.asarray((probs - targets) * np.maximum(of_label, 1e-7) ** self.q)
