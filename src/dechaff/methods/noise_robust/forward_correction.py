"""Forward correction: the network predicts the true class, and the loss compares its noisy version with the label."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dechaff.methods.noise_robust.network import Floats, through_softmax


@dataclass(frozen=True)
class ForwardCorrection:
    """Cross-entropy of the label with ``T p``: its minimiser is the p of clean labels.

    ``transition[i, j]`` = p(given = i | true = j). Weak if T is wrong; nothing bounds the loss of a mislabelled row.

    Source
    ------
    Patrini, Rozza, Menon, Nock, Qu (2017), CVPR, theorem 2.

    Examples
    --------
    A fifth of the labels is swapped. The most that the network can gain for a mislabelled row is bounded by T:

    >>> noisy = np.array([[0.8, 0.2], [0.2, 0.8]])
    >>> ForwardCorrection(noisy).slope(np.array([[0.99, 0.01]]), np.array([[0.0, 1.0]])).round(3)
    array([[ 0.029, -0.029]])
    """

    transition: Floats
    """(k, k), columns sum to 1."""

    def slope(self, probs: Floats, targets: Floats) -> Floats:
        """As `Loss.slope`."""
        matrix = self.transition.astype(probs.dtype)
        given = probs @ matrix.T
        return through_softmax(probs, -(targets / np.maximum(given, 1e-6)) @ matrix)
