"""The classes whose confident thresholds a row reaches, and the rows that reach several of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.typing import ClassVector, Probs, Rows

THRESHOLD_SLACK = 1e-6
"""How far below its threshold a probability still counts: thresholds are means, and rows lie on them."""
LEAST_THRESHOLD = 2e-6
"""Of a class that the model never sees: rows that give it nothing must not reach it."""


@dataclass(frozen=True)
class Reached:
    """What the rows of a chunk reach."""

    best: npt.NDArray[np.int32]
    """(n,) the class reached; -1 where none is, and any of them where several are."""
    collided: Rows
    """The rows that reach several classes."""


def bars(thresholds: ClassVector, dtype: np.dtype[Any]) -> npt.NDArray[Any]:
    """What a probability must reach, in the precision of the probabilities."""
    slack = dtype.type(THRESHOLD_SLACK)
    return np.asarray(np.maximum(thresholds, LEAST_THRESHOLD).astype(dtype) - slack)


def reached_classes(probs: Probs, bars: npt.NDArray[Any]) -> Reached:
    """The classes reached; a class or so a row, so that what follows touches few numbers."""
    n, k = probs.shape
    places = np.flatnonzero(probs >= bars)
    rows = places // k
    best = np.full(n, -1, dtype=np.int32)
    best[rows] = places - rows * k
    again = rows[1:][rows[1:] == rows[:-1]]
    first = np.ones(len(again), dtype=bool)  # a row that reaches many classes comes again and again
    first[1:] = again[1:] != again[:-1]
    return Reached(best, again[first])
