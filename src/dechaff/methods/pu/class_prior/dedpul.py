"""c from the ratio of the densities of labelled and unlabelled rows along the score (DEDPUL)."""

from __future__ import annotations

import numpy as np
from scipy.optimize import isotonic_regression

from dechaff.methods.pu.binned_scores import BinnedScores, Bins
from dechaff.methods.pu.scheme import c_of_fraction

WINDOW = 0.02
"""Ratios within this factor of each other are on one plateau."""
_TINY = 1e-12


def dedpul(binned: BinnedScores) -> float:
    """Probability that a positive is labelled, from how dense labelled rows lie against unlabelled ones along the
    score.

    The ratio r of the densities of labelled and unlabelled rows is highest where rows are certainly positive, and is
    1 / alpha there. An estimated ratio overshoots somewhere, so its maximum is useless. Instead, a share alpha is
    tried: it makes min(1, alpha r) the posterior of an unlabelled row, whose mean falls behind alpha where alpha is
    too high. It does so all at once where alpha passes 1 / r of the most labelled rows, and that is the answer: the
    ratio of the plateau near the top. Only the order of the scores counts.

    Parameter and result as in `e1`.

    Source
    ------
    Ivanov (2020), DEDPUL: difference-of-estimated-densities-based positive-unlabeled learning, ICMLA, section 4 and
    algorithm 2, the rule of second differences. Differs: the ratio by isotonic regression of the labelled share instead
    of two kernel densities made monotone, which tied scores and long tails upset; no expectation maximisation before
    the rule; differences relative to alpha, so that rare positives are seen as well; and an excess within chance,
    1 / sqrt(labelled rows), instead of 0.05. Each brought the estimate nearer to the truth on tables made
    positive-unlabelled.

    Examples
    --------
    A third of the positives lies above every negative; half of them are labelled:

    >>> scores, labelled, unlabelled = np.array([0.5, 0.2, 0.0]), [1000, 1000, 1000], [1000, 2000, 9000]
    >>> round(dedpul(BinnedScores(scores, np.array(labelled, float), np.array(unlabelled, float))), 3)
    0.5
    """
    share = min(1 / _plateau_ratio(density_ratio(binned), binned), 1.0)
    return c_of_fraction(share, binned.n_labelled, binned.n_unlabelled)


def density_ratio(binned: BinnedScores) -> Bins:
    """Density of labelled rows divided by that of unlabelled ones at each bin; falls with the score.

    Parameter as in `e1`.

    Returns
    -------
    (b,) float, above 0, at most the number of unlabelled rows: their share cannot be below one row.
    """
    counts = binned.labelled + binned.unlabelled
    # Bins that a resample left empty keep their place with next to no weight.
    weights = np.maximum(counts, _TINY)
    labelled = isotonic_regression(binned.labelled / weights, weights=weights, increasing=False).x
    odds = labelled / np.maximum(1 - labelled, _TINY)
    return np.asarray(np.clip(odds * binned.n_unlabelled / binned.n_labelled, _TINY, binned.n_unlabelled))


def _plateau_ratio(ratio: Bins, binned: BinnedScores) -> float:
    """The ratio that most labelled rows have, up to `WINDOW`, among those that labelled rows exceed by chance only.

    The second difference of alpha minus the mean posterior, at alpha = 1 / r, is the fraction of the labelled rows that
    have the ratio r; the difference itself, divided by alpha, is the fraction of them above what r would allow.
    """
    labelled = np.append(0.0, binned.labelled.cumsum()) / binned.n_labelled
    unlabelled = np.append(0.0, binned.unlabelled.cumsum()) / binned.n_unlabelled
    depth = -np.log(ratio)
    above = np.searchsorted(depth, depth)
    excess = labelled[above] - ratio * unlabelled[above]
    first, last = np.searchsorted(depth, depth - WINDOW), np.searchsorted(depth, depth + WINDOW, side="right")
    mass = np.where(excess <= binned.n_labelled**-0.5, labelled[last] - labelled[first], 0.0)
    return float(ratio[mass.argmax()])
