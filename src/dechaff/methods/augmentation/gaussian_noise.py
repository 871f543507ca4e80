"""Rows of a table with Gaussian noise, in the scale of each column."""

from __future__ import annotations

import warnings

import numpy as np

from dechaff.typing import Features, Figures


def gaussian_noise(rows: Features, strength: float, rng: np.random.Generator) -> Features:
    """Rows with noise added to each number.

    Columns of at most two values, such as yes and no, stay as they are, and so do missing cells.

    Parameters
    ----------
    rows : (n, d) float, NaN if missing
    strength : float above 0
        Standard deviation of the noise, as a fraction of that of the column.
    rng : Generator

    Returns
    -------
    (n, d) float

    Source
    ------
    Bishop (1995), Training with noise is equivalent to Tikhonov regularization, Neural Computation 7.

    Examples
    --------
    >>> rows = np.array([[0.0, 100.0], [2.0, 300.0], [4.0, np.nan], [6.0, 200.0]])
    >>> gaussian_noise(rows, 0.1, np.random.default_rng(0)).round(1)
    array([[  0. ,  98.9],
           [  2.1, 300.9],
           [  3.9,   nan],
           [  6.3, 207.7]])
    """
    return np.asarray(rows + strength * column_scales(rows) * rng.normal(size=rows.shape))


def column_scales(rows: Features) -> Figures:
    """(d,) standard deviation of each column; 0 if it has at most two values."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # columns without a number
        scales = np.nan_to_num(np.nanstd(rows, axis=0))
    few = [len(np.unique(column[np.isfinite(column)])) <= 2 for column in rows.T]
    return np.where(few, 0.0, scales)
