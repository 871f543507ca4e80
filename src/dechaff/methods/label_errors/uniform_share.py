"""The most likely mixture of what a model says of the given labels and of a label that may be any class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

_LOWEST = -24.0
"""Of the log-probability of a given label."""
_START, _MOST_ROUNDS, _SETTLED = 0.05, 30, 1e-7


@dataclass(frozen=True)
class UniformShare:
    """What makes the labels most likely."""

    log_likelihood: float
    share: float
    """Of labels that may be any class."""
    information: float
    """One over the variance of the share."""


def counted(probs: npt.NDArray[np.float32], n_bins: int) -> npt.NDArray[np.int64]:
    """Rows by the log-probability of their given label, in bins from e**-24 to 1."""
    return np.bincount(bins_of(probs, n_bins), minlength=n_bins)


def bins_of(probs: npt.NDArray[np.float32], n_bins: int) -> npt.NDArray[np.int64]:
    """The bin of each row."""
    logs = np.log(np.maximum(probs, np.exp(_LOWEST), dtype=np.float64))
    return np.asarray(np.minimum(((logs - _LOWEST) * (n_bins / -_LOWEST)).astype(np.int64), n_bins - 1))


def middle_of(bins: Any, n_bins: int) -> Any:
    """The probability in the middle of these bins."""
    return np.exp(_LOWEST * (1 - (bins + 0.5) / n_bins))


def uniform_share(counts: npt.NDArray[Any], n_classes: int) -> UniformShare:
    """The share that gives the greatest likelihood: its logarithm is concave, so Newton's steps find it."""
    seen = np.flatnonzero(counts)
    given = middle_of(seen, len(counts))
    gap, rows, share, information = 1 / n_classes - given, counts[seen], _START, 1e-12
    for _ in range(_MOST_ROUNDS):
        pulls = gap / (given + share * gap)
        information = max(float(rows @ pulls**2), 1e-12)
        moved = share + float(rows @ pulls) / information
        share, last = float(np.clip(moved, share / 4, (1 + share) / 2)), share
        if abs(share - last) <= _SETTLED:
            break
    return UniformShare(float(rows @ np.log(given + share * gap)), share, information)
