"""What a probability must reach to count as confident."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.typing import ClassVector

THRESHOLD_SLACK = 1e-6
"""How far below its threshold a probability still counts: thresholds are means, and rows lie on them."""
LEAST_THRESHOLD = 2e-6
"""Of a class that the model never sees: rows that give it nothing must not reach it."""


def bars(thresholds: ClassVector, dtype: np.dtype[Any]) -> npt.NDArray[Any]:
    """What a probability must reach, in the precision of the probabilities."""
    slack = dtype.type(THRESHOLD_SLACK)
    return np.asarray(np.maximum(thresholds, LEAST_THRESHOLD).astype(dtype) - slack)
