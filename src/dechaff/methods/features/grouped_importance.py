"""How much worse held-out rows are predicted if a group of correlated columns is shuffled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dechaff.core.intervals import Z_95
from dechaff.typing import Features, Numbers

ALIKE_FROM = 0.7
"""Absolute rank correlation, on average, from which on columns form a group."""


@dataclass(frozen=True)
class Importance:
    """Mean increase of the loss of held-out rows, in the unit of the loss, with its 95 % interval."""

    mean: float
    low: float
    high: float


def correlated_groups(features: Features, *, alike_from: float = ALIKE_FROM) -> npt.NDArray[np.int64]:
    """Clusters of columns that are correlated in rank, by average linkage.

    If one of two correlated columns is shuffled, a model reads the other: each alone seems useless.

    Parameters
    ----------
    features : (n, d) float
        Missing values count as their column's median rank.
    alike_from : between 0 and 1

    Returns
    -------
    (d,) int, numbers of the groups, in the order of their first column

    Source
    ------
    Spearman (1904); clusters as in the example "Permutation importance with multicollinear features" of scikit-learn.

    Examples
    --------
    >>> x = np.arange(60.0)
    >>> correlated_groups(np.stack([x, x % 7, -(x**2)], axis=1))
    array([0, 1, 0])
    """
    d = features.shape[1]
    if d < 2:
        return np.zeros(d, dtype=np.int64)
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    ranks = _ranks(features)
    spread = np.sqrt(np.square(ranks).mean(axis=0))
    scaled = ranks / np.where(spread > 0, spread, np.inf)
    alike = np.abs(scaled.T @ scaled / max(len(ranks), 1)).clip(0, 1)
    np.fill_diagonal(alike, 1.0)
    tree = linkage(squareform(1 - alike, checks=False), "average")
    numbers = fcluster(tree, 1 - alike_from, "distance")
    seen: dict[int, int] = {}
    return np.array([seen.setdefault(number, len(seen)) for number in numbers.tolist()], dtype=np.int64)


def _ranks(features: Features) -> npt.NDArray[np.float64]:
    """Mean ranks of each column, centred; 0 if missing."""
    from scipy.stats import rankdata

    ranks = np.asarray(rankdata(features, axis=0, nan_policy="omit"), dtype=np.float64)
    known = ~np.isnan(ranks)
    middle = ranks.sum(axis=0, where=known) / np.maximum(known.sum(axis=0), 1)
    return np.where(known, ranks - middle, 0.0)


def grouped_importance(
    features: Features,
    groups: Sequence[Sequence[int]],
    losses_of: Callable[[npt.NDArray[np.float64]], npt.NDArray[np.float64]],
    *,
    repeats: int = 3,
    seed: int = 0,
) -> list[Numbers]:
    """For each group of columns, how much the loss of each held-out row grows if they are shuffled together.

    Parameters
    ----------
    features : (n, d) float
        Held-out rows.
    groups : positions of the columns of each group
    losses_of : called with rows (n, d); returns the loss (n,) of the model on them
    repeats : shuffles per group, of which the mean is taken
    seed : of the shuffles

    Returns
    -------
    list of (n,) float, one a group

    Source
    ------
    Breiman (2001), Random forests, section 10; on held-out rows and by group: Strobl et al. (2008), BMC Bioinf. 9:307.

    Examples
    --------
    >>> features = np.random.default_rng(0).normal(size=(100, 2))
    >>> def squared_errors(rows):
    ...     return (rows[:, 0] - features[:, 0]) ** 2
    >>> [bool(found.mean() > 1) for found in grouped_importance(features, [[0], [1]], squared_errors)]
    [True, False]
    """
    random, before = np.random.default_rng(seed), losses_of(features)
    found = []
    for group in groups:
        places, growth = list(group), np.zeros(len(features))
        for _ in range(repeats):
            shuffled = features.copy()
            shuffled[:, places] = features[random.permutation(len(features))][:, places]
            growth += (losses_of(shuffled) - before) / repeats
        found.append(growth)
    return found


def mean_importance(growth: Numbers) -> Importance:
    """The mean of the growth of losses, and its 95 % interval over the rows.

    Examples
    --------
    >>> mean_importance(np.array([1.0, 1.0, 1.0]))
    Importance(mean=1.0, low=1.0, high=1.0)
    """
    mean = float(growth.mean())
    half = Z_95 * float(growth.std(ddof=1)) / np.sqrt(len(growth)) if len(growth) > 1 else np.inf
    return Importance(mean, float(mean - half), float(mean + half))
