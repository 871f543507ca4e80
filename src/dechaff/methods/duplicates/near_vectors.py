"""Feature vectors that point in almost the same direction."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dechaff.methods.duplicates.linked import Pairs, PairScore
from dechaff.typing import Features

MIN_COSINE = 0.95
"""On embeddings of photographs, pairs above it are the same shot; on those of questions, the same question reworded."""
PROJECTED_TO = 64
"""Wider vectors are compared in a random projection first; only candidates are compared in full."""
PROJECTION_SLACK = 0.05
"""At cosine .95 the projection errs by (1 - .95^2) / sqrt(64) = .012 (one standard deviation)."""
ROUNDING = 1e-4
"""The last digits of a product depend on the number of threads; the pairs near the border are worked out one by one."""
_BLOCK = 2048

Unit = npt.NDArray[np.float32]


def near_vectors(features: Features, *, min_cosine: float = MIN_COSINE, seed: int = 0) -> tuple[Pairs, PairScore]:
    """All pairs of rows whose features, seen from their mean, have a cosine of at least `min_cosine`.

    The mean is taken off first, because embeddings of many networks share one large common direction that makes
    everything look alike. Blocks of the upper triangle are multiplied one by one: time grows with n squared, at
    one multiplication of n x 64 matrices; memory stays with the block.

    Parameters
    ----------
    features : (n, d) float
    min_cosine : smallest cosine of a pair, in (0, 1]
    seed : of the projection

    Returns
    -------
    (m, 2) int64 and (m,) float
        The pairs, smaller row first, in ascending order; and their cosines.

    Source
    ------
    Plain matrix products; random projection: Johnson & Lindenstrauss (1984).

    Examples
    --------
    >>> pairs, cosine = near_vectors(np.array([[1.0, 0.0], [-1.0, 0.5], [0.0, -1.0], [1.0, 0.001]]))
    >>> pairs.tolist()
    [[0, 3]]
    """
    unit = _unit(features)
    rough, least = unit, np.float32(min_cosine - ROUNDING)
    if unit.shape[1] > 2 * PROJECTED_TO:
        draws = np.random.default_rng(seed).standard_normal((unit.shape[1], PROJECTED_TO))
        rough = _scaled(unit @ draws.astype(np.float32))
        least = np.float32(min_cosine - PROJECTION_SLACK)
    found = [np.empty((0, 2), dtype=np.int64)]
    for start in range(0, len(rough), _BLOCK):
        for other in range(start, len(rough), _BLOCK):
            close = rough[start : start + _BLOCK] @ rough[other : other + _BLOCK].T >= least
            if close.any():
                rows = np.argwhere(close) + np.array([start, other])
                found.append(rows[rows[:, 0] < rows[:, 1]])
    pairs = np.concatenate(found)
    pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
    cosine = np.einsum("md,md->m", unit[pairs[:, 0]], unit[pairs[:, 1]]).astype(np.float64)
    near = cosine >= min_cosine
    return pairs[near], np.minimum(cosine[near], 1.0)


def _unit(features: Features) -> Unit:
    centred = features - features.mean(axis=0) if len(features) else features
    return _scaled(centred.astype(np.float32))


def _scaled(vectors: Unit) -> Unit:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(length > 0, length, 1), dtype=np.float32)
