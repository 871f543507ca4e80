"""Clusters of rows by their features, each named by the rows nearest to its centre."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.typing import Features, Rows

_SIZES = (4, 8, 16, 32, 64)
"""Numbers of clusters that are tried: a slice may be a tenth of the rows, or a hundredth."""
_DIMENSIONS = 24
_NEAREST = 3


@dataclass(frozen=True)
class FeatureClusters:
    """Clusters of different sizes, which overlap.

    ``holds`` is an (m, n) sparse array (CSR), 1 if a row belongs to a cluster; ``nearest`` are m arrays of the rows
    nearest to each centre.
    """

    holds: Any
    nearest: tuple[Rows, ...]


def feature_clusters(features: Features, *, smallest: int, largest: int, seed: int) -> FeatureClusters:
    """Clusters with `smallest` to `largest` rows, by k-means with 4 to 64 centres on the leading principal components.

    Parameters
    ----------
    features : (n, d) float or sparse, such as embeddings
        Rows are compared by direction: lengths are divided out.
    smallest, largest : number of rows of a cluster
    seed : of the first centres

    Returns
    -------
    FeatureClusters

    Source
    ------
    Lloyd (1982), IEEE Transactions on Information Theory 28, for each number of centres. Eyuboglu et al. (2022),
    Domino, ICLR, cluster errors and features together. Differs: labels and errors are not used, so that a test of
    errors within the clusters stays valid.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> centres = np.repeat(np.eye(4), 50, axis=0)
    >>> found = feature_clusters(centres + 0.01 * rng.normal(size=(200, 4)), smallest=20, largest=100, seed=0)
    >>> sorted(found.holds[:4].sum(axis=1).tolist())
    [50.0, 50.0, 50.0, 50.0]
    """
    from scipy.sparse import vstack

    reduced = _reduced(features, seed)
    parts, nearest = [], list[Rows]()
    for size in _SIZES:
        if size * smallest > len(reduced):
            break
        holds, near = _clusters(reduced, size, seed)
        counts = np.asarray(holds.sum(axis=1)).ravel()
        kept = np.flatnonzero((counts >= smallest) & (counts <= largest))
        parts.append(holds[kept])
        nearest += [near[at] for at in kept.tolist()]
    if not parts:
        return FeatureClusters(_sparse(np.zeros(0, np.int64), np.zeros(0, np.int64), (0, len(reduced))), ())
    return FeatureClusters(vstack(parts, format="csr"), tuple(nearest))


def _reduced(features: Features, seed: int) -> npt.NDArray[np.float64]:
    from sklearn.decomposition import TruncatedSVD
    from sklearn.preprocessing import normalize

    unit = normalize(features)
    if unit.shape[1] > _DIMENSIONS:
        unit = TruncatedSVD(_DIMENSIONS, random_state=seed).fit_transform(unit)
    dense = unit if isinstance(unit, np.ndarray) else unit.toarray()
    return np.asarray(dense, dtype=np.float64)


def _clusters(reduced: npt.NDArray[np.float64], size: int, seed: int) -> tuple[Any, list[Rows]]:
    from sklearn.cluster import KMeans

    found = KMeans(size, n_init=1, random_state=seed).fit(reduced)
    mine = found.labels_[:, np.newaxis] == np.arange(size)
    distance = np.where(mine, found.transform(reduced), np.inf)
    near = [np.argsort(distance[:, at], kind="stable")[:_NEAREST].astype(np.int64) for at in range(size)]
    return _sparse(found.labels_, np.arange(len(reduced)), (size, len(reduced))), near


def _sparse(rows: npt.NDArray[Any], columns: npt.NDArray[Any], shape: tuple[int, int]) -> Any:
    from scipy.sparse import csr_array

    return csr_array((np.ones(len(rows), np.float32), (rows, columns)), shape=shape)
