"""Backward correction: losses of the labels are combined by the inverse noise matrix, which is unbiased."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from dechaff.methods.noise_robust.network import Floats
from dechaff.typing import ClassMatrix


@dataclass(frozen=True)
class BackwardCorrection:
    """Cross-entropy with targets ``T⁻¹ e_label``: its expected value over the noise is the loss of the true label.

    The targets may be negative, so the loss has no lower bound and its variance is large if T is near singular.

    Source
    ------
    Patrini, Rozza, Menon, Nock, Qu (2017), CVPR, theorem 1. Differs: the pseudo-inverse, so that any T is accepted.

    Examples
    --------
    >>> noisy = np.array([[0.75, 0.25], [0.25, 0.75]])
    >>> BackwardCorrection(noisy).slope(np.array([[0.5, 0.5]]), np.array([[1.0, 0.0]]))
    array([[-1.,  1.]])
    """

    transition: ClassMatrix

    @cached_property
    def _inverse(self) -> ClassMatrix:
        return np.asarray(np.linalg.pinv(self.transition))

    def slope(self, probs: Floats, targets: Floats) -> Floats:
        """As `Loss.slope`."""
        corrected = targets @ self._inverse.T.astype(probs.dtype)
        return np.asarray(probs * corrected.sum(axis=1, keepdims=True) - corrected)
