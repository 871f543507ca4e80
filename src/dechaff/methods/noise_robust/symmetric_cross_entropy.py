"""Symmetric cross-entropy: cross-entropy, and the reverse one, in which a wrong label costs a bounded amount."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dechaff.methods.noise_robust.network import Floats


@dataclass(frozen=True)
class SymmetricCrossEntropy:
    """``alpha · CE + beta · RCE``, where ``RCE = -A (1 - p_label)`` because log 0 is set to A.

    Source
    ------
    Wang, Ma, Chen, Luo, Yi, Bailey (2019), ICCV, equation 7; alpha = .1, beta = 1, A = -4 there for CIFAR-10.

    Examples
    --------
    >>> SymmetricCrossEntropy(alpha=0.0).slope(np.array([[0.75, 0.25]]), np.array([[0.0, 1.0]]))
    array([[ 0.75, -0.75]])
    """

    alpha: float = 0.1
    beta: float = 1.0
    log_of_zero: float = -4.0

    def slope(self, probs: Floats, targets: Floats) -> Floats:
        """As `Loss.slope`."""
        of_label = (probs * targets).sum(axis=1, keepdims=True)
        return np.asarray((probs - targets) * (self.alpha - self.beta * self.log_of_zero * of_label))
