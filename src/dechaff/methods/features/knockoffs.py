"""Model-X knockoffs: columns that look like the given ones but tell nothing of the label, and the cut they give."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dechaff.typing import Features, Figures, Mask

_LEAST_EIGENVALUE = 1e-3
"""The correlation matrix is shrunk towards independence until its smallest eigenvalue is this large."""

_STREAM = 20180101


def gaussian_knockoffs(features: Features, *, seed: int = 0) -> Features:
    """A knockoff of each column: as correlated with every other column as the column itself, and made without labels.

    The ranks of the columns are taken as those of normal variables with the correlations that they have, and a knockoff
    has the values of its column, so that no model can distinguish them by their distribution. Swapping a column with
    its knockoff then changes nothing but its relation to the label. Columns that nearly repeat each other get knockoffs
    that are nearly copies, which find nothing: take redundant columns out first.

    Parameters
    ----------
    features : (n, d) float
        Without missing values.
    seed : of the random part

    Returns
    -------
    (n, d) float

    Source
    ------
    Candès, Fan, Janson, Lv (2018), Panning for gold: model-X knockoffs, JRSS B 80, eq. 3.2, with the equal s of
    section 3.4.1. Normal scores: van der Waerden (1952), ties in random order. Differs: the correlations of the scores
    are shrunk towards independence (Chen, Wiesel, Eldar, Hero 2010, IEEE TSP 58, eq. 23), and where they are singular.

    Examples
    --------
    >>> features = np.random.default_rng(0).normal(size=(5000, 2)) @ np.array([[1.0, 0.6], [0.0, 0.8]])
    >>> both = np.hstack([features, gaussian_knockoffs(features)])
    >>> bool(np.abs(np.corrcoef(both.T)[[0, 0, 2], [1, 3, 3]] - 0.6).max() < 0.05)
    True
    """
    from scipy.special import ndtr

    n, d = features.shape
    # Not the stream of the seed itself, from which data may have been drawn: they would be anything but independent.
    random = np.random.default_rng([seed, _STREAM])
    scores = _normal_scores(features, random)
    correlation = _shrunk_correlation(scores)
    s = min(1.0, 2 * float(np.linalg.eigvalsh(correlation)[0])) * 0.999
    inverse = np.linalg.inv(correlation)
    noise = np.linalg.cholesky(2 * s * np.eye(d) - s * s * inverse + 1e-9 * np.eye(d))
    made = scores - s * (scores @ inverse) + random.normal(size=scores.shape) @ noise.T
    places = np.minimum((ndtr(made) * n).astype(np.int64), n - 1)
    return np.asarray(np.take_along_axis(np.sort(features, axis=0), places, axis=0))


def _normal_scores(features: Features, random: np.random.Generator) -> npt.NDArray[np.float64]:
    """(n, d) each column as the quantiles of a normal variable; ties in random order."""
    from scipy.special import ndtri

    n, d = features.shape
    quantiles = ndtri((np.arange(n) + 0.5) / max(n, 1))
    scores = np.empty((n, d))
    for at in range(d):
        shuffled = random.permutation(n)
        scores[shuffled[np.argsort(features[shuffled, at], kind="stable")], at] = quantiles
    return np.asarray(scores / max(float(quantiles.std()), 1e-12))


def _shrunk_correlation(scores: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(d, d) the correlations of columns of unit variance, shrunk by what is noise in them."""
    n, d = scores.shape
    correlation = scores.T @ scores / max(n, 1)
    np.fill_diagonal(correlation, 1.0)
    signal = float(np.square(correlation).sum()) - d
    oracle = ((1 - 2 / d) * (signal + d) + d * d) / ((n + 1 - 2 / d) * max(signal, 1e-12))
    least = float(np.linalg.eigvalsh(correlation)[0])
    singular = max(0.0, (_LEAST_EIGENVALUE - least) / (1 - least)) if least < 1 else 0.0
    shrink = min(1.0, max(oracle, singular))
    return np.asarray((1 - shrink) * correlation + shrink * np.eye(d))


def knockoff_selection(statistics: Figures, *, rate: float = 0.1) -> Mask:
    """The columns whose statistic is above the knockoff+ threshold of a false discovery rate.

    Nothing can be selected before ``1 / rate`` columns beat their knockoffs: with a rate of 0.1, at least ten.

    Parameters
    ----------
    statistics : (d,) float
        Importance of each column less that of its knockoff; positive = the column matters more.
    rate : bound of the expected fraction of useless columns among the selected, between 0 and 1

    Returns
    -------
    (d,) bool

    Source
    ------
    Barber, Candès (2015), Controlling the false discovery rate via knockoffs, Ann. Statist. 43, eq. 1.9 (knockoff+).

    Examples
    --------
    >>> statistics = np.array([5.0, 4.0, 4.5, 6.0, -1.0, 0.5])
    >>> knockoff_selection(statistics, rate=0.25)
    array([ True,  True,  True,  True, False, False])
    """
    for threshold in np.unique(np.abs(statistics[statistics != 0])):
        chosen = statistics >= threshold
        if 1 + int((statistics <= -threshold).sum()) <= rate * int(chosen.sum()):
            return np.asarray(chosen)
    return np.zeros(len(statistics), dtype=np.bool_)
