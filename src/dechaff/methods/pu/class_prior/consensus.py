"""c by the median of four estimators that err in different ways."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from dechaff.methods.pu.binned_scores import BinnedScores
from dechaff.methods.pu.class_prior.best_bin import best_bin, top_bin
from dechaff.methods.pu.class_prior.dedpul import dedpul
from dechaff.methods.pu.class_prior.plateau import plateau

ClassPriorEstimator = Callable[[BinnedScores], float]

MEMBERS: tuple[ClassPriorEstimator, ...] = (best_bin, top_bin, dedpul, plateau)
"""BBE is too low if no region is pure, the top bin too high if few rows are labelled, the others in between."""


def consensus(binned: BinnedScores) -> float:
    """Probability that a positive is labelled, as the median of four estimates.

    The four go by the purest threshold, the richest threshold, the ratio of densities and the shape of the whole
    curve. If they differ much, c is not identifiable from these scores: no row is certainly positive.

    Parameter and result as in `e1`.

    Source
    ------
    The median of `best_bin` (Garg et al. 2021), `top_bin` (Scott 2015), `dedpul` (Ivanov 2020) and `plateau` (Perla
    2013); that their median beats each of them is our own measurement.

    Examples
    --------
    >>> odds = np.linspace(2, -4, 25)
    >>> labelled = 0.4 / (1 + np.exp(-4 * odds))
    >>> round(consensus(BinnedScores(1 / (1 + np.exp(-odds)), 1000 * labelled, 1000 * (1 - labelled))), 2)
    0.4
    """
    return float(np.median([member(binned) for member in MEMBERS]))
