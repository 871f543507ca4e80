"""One score a row, from those of its labels."""

from __future__ import annotations

import numpy as np

from dechaff.typing import Features, Numbers, Score

WEIGHT_OF_WORST = 0.9
"""Fraction of the row's score that its worst label alone decides; the rest is split alike among the next ones."""


def row_score(log_odds: Features) -> Score:
    """Doubt in each row: mostly that of its most doubtful label, and a little of every other one.

    The labels' log-odds are put in order, the worst first, and averaged with weights .9, .09, .009 …: one label that
    is certainly wrong is not drowned by many good ones, and among rows of equally bad labels the one with two of them
    comes first.

    Parameters
    ----------
    log_odds : (n, d) float
        Of each of d labels being wrong.

    Returns
    -------
    (n,) float in [0, 1]
        Higher = look at this row first.

    Source
    ------
    Thyagarajan, Snorrason, Northcutt, Mueller (2022), arXiv 2211.13895, exponential moving average over the labels'
    scores in order, its weight of the worst .8. Differs: log-odds, which do not tie near 1.

    Examples
    --------
    >>> row_score(np.array([[3.0, -5.0], [3.0, 3.0], [-5.0, -5.0]])).round(2)
    array([0.91, 0.95, 0.01])
    """
    return np.asarray(np.exp(-np.logaddexp(0, -row_log_odds(log_odds))))


def row_log_odds(log_odds: Features) -> Numbers:
    """The same as log-odds, whose ranks stay apart where the score is 0 or 1 to the last digit."""
    if not log_odds.shape[1]:
        return np.full(len(log_odds), -np.inf)
    places = np.arange(log_odds.shape[1])
    weights = WEIGHT_OF_WORST * (1 - WEIGHT_OF_WORST) ** places
    worst_first = -np.sort(-log_odds, axis=1)
    return np.asarray(worst_first @ (weights / weights.sum()))
