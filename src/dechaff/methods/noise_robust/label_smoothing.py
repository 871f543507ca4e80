"""Label smoothing: a part of each target is spread evenly over all classes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dechaff.methods.noise_robust.network import Floats


@dataclass(frozen=True)
class LabelSmoothing:
    """Cross-entropy with ``(1 - smoothing) · target + smoothing / k``.

    Source
    ------
    Szegedy, Vanhoucke, Ioffe, Shlens, Wojna (2016), CVPR, section 7; as a remedy for noise: Lukasik, Bhojanapalli,
    Menon, Kumar (2020), ICML.

    Examples
    --------
    >>> LabelSmoothing(0.2).slope(np.array([[0.5, 0.5]]), np.array([[1.0, 0.0]])).round(2)
    array([[-0.4,  0.4]])
    """

    smoothing: float = 0.1

    def slope(self, probs: Floats, targets: Floats) -> Floats:
        """As `Loss.slope`."""
        return np.asarray(probs - (1 - self.smoothing) * targets - self.smoothing / probs.shape[1])
