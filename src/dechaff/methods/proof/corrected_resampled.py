"""The interval of a paired difference over repeated cross-validation."""

from __future__ import annotations

import numpy as np

from dechaff.errors import InputError
from dechaff.methods.proof.paired_interval import COVERAGE, Interval
from dechaff.typing import Numbers


def corrected_resampled_interval(differences: Numbers, *, held_out: float, coverage: float = COVERAGE) -> Interval:
    """Interval of the mean difference between two models, for training sets like these.

    Folds of repeated cross-validation share training rows, so their differences are not independent, and an ordinary
    t-test is far too sure. The variance of the mean is increased by a term that more repeats do not remove.

    Parameters
    ----------
    differences : (n,) float, n at least 2
        After - before, one for each held-out part, of all repeats.
    held_out : float between 0 and 1
        Fraction of the rows that each part holds out.
    coverage : float between 0 and 1

    Raises
    ------
    InputError
        If there are fewer than two differences.

    Source
    ------
    Nadeau, Bengio (2003), Inference for the generalization error, Machine Learning 52, section 4: the corrected
    resampled t-test.

    Examples
    --------
    >>> found = corrected_resampled_interval(np.array([0.02, 0.04] * 5), held_out=0.2)
    >>> round(found.mean, 3), round(found.low, 3), round(found.high, 3)
    (0.03, 0.016, 0.044)
    """
    from scipy.stats import t

    n = len(differences)
    if n < 2:
        raise InputError("the differences", "be at least two, for their spread", str(n), "Use two folds or more.")
    mean, spread = float(differences.mean()), float(differences.std(ddof=1))
    half = float(t.ppf((1 + coverage) / 2, n - 1)) * spread * float(np.sqrt(1 / n + held_out / (1 - held_out)))
    return Interval(mean, mean - half, mean + half)
