"""The three estimators of c of Elkan and Noto: e1, e2 and e3, from the scores of a model."""

from __future__ import annotations

from dechaff.methods.pu.binned_scores import BinnedScores

LEAST_C = 1e-9
"""Replaces a mean of 0, from a model that gives every labelled row a probability of 0."""


def e1(binned: BinnedScores) -> float:
    """Probability that a positive is labelled, as the mean g over the labelled rows.

    Right where classes do not overlap. Where they do, g(x) = c f(x) makes it c E[f(x) | y = 1]: too low, by a factor
    that no calibration of g repairs. Its own bootstrap interval is tight around the wrong value.

    Parameters
    ----------
    binned : BinnedScores of out-of-fold g

    Returns
    -------
    float in (0, 1]

    Source
    ------
    Elkan, Noto (2008), KDD, section 3, e1. Differs: rows of one bin count with the bin's mean score.

    Examples
    --------
    >>> from dechaff.methods.pu.binned_scores import bin_scores
    >>> round(e1(bin_scores(np.array([0.5, 0.7, 0.1]), np.array([True, True, False]))), 6)
    0.6
    """
    return max(float(binned.labelled @ binned.scores) / binned.n_labelled, LEAST_C)


def e2(binned: BinnedScores) -> float:
    """Probability that a positive is labelled, as the sum of g over the labelled rows divided by that over all rows.

    The same as `e1` if g is calibrated, and biased in the same way if classes overlap.

    Parameter and result as in `e1`.

    Source
    ------
    Elkan, Noto (2008), KDD, section 3, e2. Differs: rows of one bin count with the bin's mean score.

    Examples
    --------
    >>> from dechaff.methods.pu.binned_scores import bin_scores
    >>> round(e2(bin_scores(np.array([0.5, 0.7, 0.3]), np.array([True, True, False]))), 6)
    0.8
    """
    of_labelled, of_unlabelled = binned.scores @ binned.labelled, binned.scores @ binned.unlabelled
    if of_labelled == 0:
        return LEAST_C
    return float(of_labelled / (of_labelled + of_unlabelled))


def e3(binned: BinnedScores) -> float:
    """Probability that a positive is labelled, as the highest g of any row.

    Right for exact g, whose highest value c is wherever a row is certainly positive. For a g that was estimated it is
    the largest error of the model: far too high, the more so the more rows there are.

    Parameter and result as in `e1`.

    Source
    ------
    Elkan, Noto (2008), KDD, section 3, e3.

    Examples
    --------
    >>> from dechaff.methods.pu.binned_scores import bin_scores
    >>> e3(bin_scores(np.array([0.5, 0.7, 0.3]), np.array([True, False, False])))
    0.7
    """
    seen = binned.labelled + binned.unlabelled > 0
    return max(float(binned.scores[seen][0]), LEAST_C)
