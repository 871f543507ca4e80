"""Rows of a table mixed with other rows."""

from __future__ import annotations

import numpy as np

from dechaff.typing import Features


def mixup(rows: Features, strength: float, rng: np.random.Generator) -> Features:
    """Each row mixed with a random other one, ``lam x + (1 - lam) x'``, with lam at least one half.

    Parameters
    ----------
    rows : (n, d) float, NaN if missing
    strength : float above 0
        alpha: lam is drawn from Beta(alpha, alpha), so that higher = more like the other row.
    rng : Generator

    Returns
    -------
    (n, d) float
        A cell that is missing in one of both rows is that of the row itself.

    Source
    ------
    Zhang, Cisse, Dauphin, Lopez-Paz (2018), mixup, ICLR, equation 1. Differs: the row keeps its label, and lam is at
    least one half, because a file has one label per row.

    Examples
    --------
    >>> mixup(np.array([[0.0], [10.0]]), 0.5, np.random.default_rng(1)).round(2)
    array([[0.23],
           [6.48]])
    """
    lam = rng.beta(strength, strength, size=(len(rows), 1))
    lam = np.maximum(lam, 1 - lam)
    mixed = lam * rows + (1 - lam) * rows[rng.permutation(len(rows))]
    return np.where(np.isfinite(mixed), mixed, rows)
