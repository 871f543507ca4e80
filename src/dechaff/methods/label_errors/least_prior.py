"""The smallest share that a class is left with."""

from __future__ import annotations

import numpy as np

from dechaff.typing import ClassVector

LEAST_PRIOR = 1e-6
"""As in cleanlab 2.9: an inverted matrix can give shares below zero, and later steps divide by them."""


def kept_above_zero(prior: ClassVector) -> ClassVector:
    """The shares brought to at least `LEAST_PRIOR`, and their sum to one."""
    clipped = np.clip(np.asarray(prior, dtype=np.float64), LEAST_PRIOR, 1.0)
    return np.asarray(clipped / clipped.sum())
