"""c as the mean score of the labelled rows."""

from __future__ import annotations

from dechaff.methods.pu.binned_scores import BinnedScores

LEAST_C = 1e-9
"""What stands for a mean of 0, which a model gives that grants no labelled row a chance."""


def e1(binned: BinnedScores) -> float:
    """Chance that a positive is labelled, as the mean g over the labelled rows.

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
