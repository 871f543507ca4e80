"""Whether the fact that a cell is missing tells the label."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dechaff.typing import ClassVector, Labels, Mask

LEAST_MISSING = 10


@dataclass(frozen=True)
class Missingness:
    """How the fraction of missing cells depends on the class.

    ``rates`` (k,) is the fraction of each class's rows that miss the cell, NaN without rows; ``p_value`` that of
    independence; ``strength`` the correlation of both in [0, 1]: 1 if missing cells and classes coincide.
    """

    rates: ClassVector
    p_value: float
    strength: float


def missingness(missing: Mask, labels: Labels, n_classes: int) -> Missingness | None:
    """The relation of missing cells and labels, or None if fewer than ten cells are missing, or all but nine.

    Parameters
    ----------
    missing : (n,) bool
    labels : (n,) int, 0 … k-1, or -1 if missing
    n_classes : k

    Source
    ------
    Pearson (1900), chi-square of the table of missing cells by class; Cramér (1946), V, as the strength.

    Examples
    --------
    >>> labels = np.arange(100) % 2
    >>> found = missingness((labels == 1) & (np.arange(100) >= 20), labels, 2)
    >>> found.rates, round(found.strength, 2)
    (array([0. , 0.8]), 0.82)
    """
    known = labels >= 0
    counts = np.bincount(labels[known], minlength=n_classes)
    absent = np.bincount(labels[known & missing], minlength=n_classes)
    n, n_absent = int(counts.sum()), int(absent.sum())
    present = counts > 0
    if present.sum() < 2 or min(n_absent, n - n_absent) < LEAST_MISSING:
        return None
    expected = counts[present] * n_absent / n
    chi_square = float(
        (np.square(absent[present] - expected) * (1 / expected + 1 / (counts[present] - expected))).sum()
    )
    from scipy.special import chdtrc

    rates = np.full(n_classes, np.nan)
    rates[present] = absent[present] / counts[present]
    return Missingness(
        rates, float(chdtrc(int(present.sum()) - 1, chi_square)), float(np.sqrt(min(1.0, chi_square / n)))
    )
