"""Model-X knockoffs: columns that look like the given ones but tell nothing of the label, and the cut they give."""

from __future__ import annotations

import numpy as np

from dechaff.typing import Features, Figures, Mask

_LEAST_EIGENVALUE = 1e-3
"""The correlation matrix is shrunk towards independence until its smallest eigenvalue is this large."""

_STREAM = 20180101


def gaussian_knockoffs(features: Features, *, seed: int = 0) -> Features:
    """A knockoff of each column: as correlated with every other column as the column itself, and made without labels.

    Columns are taken as normal with the correlations that they have. Swapping a column with its knockoff then changes
    nothing but its relation to the label. Columns that nearly repeat each other get knockoffs that are nearly copies,
    which find nothing: take redundant columns out first.

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
    section 3.4.1. Differs: the correlations are shrunk where they are singular.

    Examples
    --------
    >>> features = np.random.default_rng(0).normal(size=(5000, 2)) @ np.array([[1.0, 0.6], [0.0, 0.8]])
    >>> both = np.hstack([features, gaussian_knockoffs(features)])
    >>> bool(np.abs(np.corrcoef(both.T)[[0, 0, 2], [1, 3, 3]] - 0.6).max() < 0.05)
    True
    """
    middle, spread = features.mean(axis=0), features.std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    scaled = (features - middle) / spread
    d = scaled.shape[1]
    correlation = scaled.T @ scaled / max(len(scaled), 1)
    np.fill_diagonal(correlation, 1.0)
    least = float(np.linalg.eigvalsh(correlation)[0])
    shrink = max(0.0, (_LEAST_EIGENVALUE - least) / (1 - least)) if least < 1 else 0.0
    correlation = (1 - shrink) * correlation + shrink * np.eye(d)
    s = min(1.0, 2 * max(least, _LEAST_EIGENVALUE)) * 0.999
    inverse = np.linalg.inv(correlation)
    noise = np.linalg.cholesky(2 * s * np.eye(d) - s * s * inverse + 1e-9 * np.eye(d))
    # Not the stream of the seed itself, from which data may have been drawn: they would be anything but independent.
    random = np.random.default_rng([seed, _STREAM]).normal(size=scaled.shape)
    made = scaled - s * (scaled @ inverse) + random @ noise.T
    return np.asarray(made * spread + middle)


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
