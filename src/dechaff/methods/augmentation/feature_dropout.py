"""Rows of a table in which some cells lose their information."""

from __future__ import annotations

import warnings

import numpy as np

from dechaff.typing import Features


def feature_dropout(rows: Features, strength: float, rng: np.random.Generator) -> Features:
    """Rows in which random cells are replaced by the mean of their column.

    Parameters
    ----------
    rows : (n, d) float, NaN if missing
    strength : float from 0 to 1
        Probability that a cell is replaced.
    rng : Generator

    Returns
    -------
    (n, d) float
        Missing cells stay missing.

    Source
    ------
    Maaten, Chen, Tyree, Weinberger (2013), Learning with marginalized corrupted features, ICML: blankout noise.
    Differs: the mean instead of 0, so that columns need not be centred.

    Examples
    --------
    >>> feature_dropout(np.array([[1.0, 10.0], [3.0, 30.0]]), 0.5, np.random.default_rng(0))
    array([[ 1., 20.],
           [ 2., 20.]])
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # columns without a number
        means = np.nanmean(rows, axis=0)
    return np.where((rng.random(rows.shape) < strength) & np.isfinite(rows), means, rows)
