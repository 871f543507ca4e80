"""c from kernel means: how far from the labelled rows the unlabelled ones can be pushed (KM2)."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy.optimize import nnls
from scipy.spatial.distance import cdist

from dechaff.methods.pu.class_prior.tice import check_feature_rows
from dechaff.methods.pu.scheme import c_of_fraction
from dechaff.typing import Features, Mask

MOST_ROWS = 400
"""Of either kind; more are drawn from at random, for the cost grows with their cube."""
WIDTHS = np.logspace(-1, 1, 5)
"""Kernel widths that are tried, in median distances."""
HIGHEST = 8.0
"""The largest lambda; fractions of positives above 1 - 1 / 8 cannot be distinguished."""
STEP = 0.04
_LEAST_EIGENVALUE = 1e-8
_SUM_WEIGHT = 100.0
_NO_GAP = 1e-6

Vector = npt.NDArray[np.float64]
Matrix = npt.NDArray[np.float64]
Distance = Callable[[float], float]


def kernel_mean(features: Features, labelled: Mask, *, seed: int = 0) -> float:
    """Probability that a positive is labelled, from the unlabelled rows' distribution with positives taken out.

    With F the distribution of the unlabelled and H that of the labelled rows, ``lambda F + (1 - lambda) H`` is a
    distribution as long as lambda <= 1 / (1 - alpha); beyond, some of it would be negative. Its distance d(lambda) from
    the nearest mixture of the rows, between means in a kernel's space, is near 0 up to there and rises after it. The
    answer is where its slope passes 1 / sqrt(rows). Needs no model; irrelevant features blur it.

    Parameters
    ----------
    features : (n, d) float
        Columns are standardised here.
    labelled : (n,) bool
    seed : decides which rows are sampled if there are many.

    Returns
    -------
    float in (0, 1]

    Raises
    ------
    InputError
        If lengths differ, a feature is not finite, or fewer than two rows are of either kind.

    Source
    ------
    Ramaswamy, Scott, Tewari (2016), Mixture proportion estimation via kernel embeddings of distributions, ICML, the
    gradient thresholding estimator, KM2. Differs: the nearest mixture by non-negative least squares in the space that
    the kernel's larger eigenvectors span.

    Examples
    --------
    Half of the positives are labelled, and a third of the unlabelled rows is positive:

    >>> random = np.random.default_rng(0)
    >>> positive = np.arange(400) < 200
    >>> features = random.normal(size=(400, 1)) + 5.0 * positive[:, None]
    >>> 0.4 < kernel_mean(features, np.arange(400) < 100) < 0.6
    True
    """
    check_feature_rows(features, labelled, fewest=2)
    random = np.random.default_rng(seed)
    drawn = [_drawn(np.flatnonzero(kind), random) for kind in (~labelled, labelled)]
    sizes = [len(rows) for rows in drawn]
    of_unlabelled, of_labelled = np.repeat([1 / sizes[0], 0.0], sizes), np.repeat([0.0, 1 / sizes[1]], sizes)
    points = _embedded(_standardised(features[np.concatenate(drawn)]), of_unlabelled - of_labelled)

    def distance(lam: float) -> float:
        return _distance_from_mixtures(points, lam * of_unlabelled + (1 - lam) * of_labelled)

    gap = float(np.linalg.norm(points @ (of_unlabelled - of_labelled)))
    if gap < _NO_GAP:
        return float(labelled.mean())
    share = 1 - 1 / _bend(distance, _threshold(distance, gap, min(sizes)))
    return c_of_fraction(share, float(labelled.sum()), float((~labelled).sum()))


def _drawn(rows: npt.NDArray[np.int64], random: np.random.Generator) -> npt.NDArray[np.int64]:
    return rows if len(rows) <= MOST_ROWS else np.sort(random.choice(rows, MOST_ROWS, replace=False))


def _standardised(features: Features) -> Features:
    spread = features.std(axis=0)
    return np.asarray((features - features.mean(axis=0)) / np.where(spread > 0, spread, 1.0))


def _embedded(rows: Features, difference: Vector) -> Matrix:
    """The rows as points (r, n) of the space of the Gaussian kernel that separates the two kinds best."""
    squares = cdist(rows, rows, "sqeuclidean")
    middle = max(float(np.median(squares)), float(squares.mean()) * _LEAST_EIGENVALUE) or 1.0
    kernels = [np.exp(-squares / (2 * width**2 * middle)) for width in WIDTHS]
    values, vectors = np.linalg.eigh(max(kernels, key=lambda kernel: float(difference @ kernel @ difference)))
    kept = values > _LEAST_EIGENVALUE * values[-1]
    return np.asarray((vectors[:, kept] * np.sqrt(values[kept])).T)


def _distance_from_mixtures(points: Matrix, weights: Vector) -> float:
    """Distance of the weighted sum of the points from their convex hull; weights sum to 1, some may be negative."""
    # The last row makes the weights of the nearest mixture add up to 1 as well.
    sums_to_one = np.vstack([points, np.full(points.shape[1], _SUM_WEIGHT)])
    nearest = nnls(sums_to_one, sums_to_one @ weights, maxiter=20 * len(weights))[0]
    return float(np.linalg.norm(points @ (nearest - weights)))


def _threshold(distance: Distance, gap: float, fewest: int) -> float:
    """The slope that counts as a rise: that of chance, or, with few rows, a fifth of the way to the steepest."""
    chance = 1 / math.sqrt(fewest)
    if chance <= 0.9 * gap:
        return chance
    return 0.8 * (distance(1.05) - distance(1.0)) / 0.05 + 0.2 * gap


def _bend(distance: Distance, threshold: float) -> float:
    """The least lambda from which on the distance rises by more than the threshold; it is convex."""
    low, high = 1.0, HIGHEST
    while high - low > STEP:
        middle = (low + high) / 2
        slope = (distance(middle + STEP / 2) - distance(middle)) / (STEP / 2)
        low, high = (low, middle) if slope > threshold else (middle, high)
    return (low + high) / 2
