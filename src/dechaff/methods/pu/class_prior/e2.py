"""c as the labelled rows' share of all score."""

from __future__ import annotations

from dechaff.methods.pu.binned_scores import BinnedScores
from dechaff.methods.pu.class_prior.e1 import LEAST_C


def e2(binned: BinnedScores) -> float:
    """Chance that a positive is labelled, as the sum of g over the labelled rows divided by that over all rows.

    The same as `e1` where g is calibrated, and biased the same way where classes overlap.

    Parameters
    ----------
    binned : BinnedScores of out-of-fold g

    Returns
    -------
    float in (0, 1]

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
