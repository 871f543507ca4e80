"""c as the highest score."""

from __future__ import annotations

from dechaff.methods.pu.binned_scores import BinnedScores
from dechaff.methods.pu.class_prior.e1 import LEAST_C


def e3(binned: BinnedScores) -> float:
    """Chance that a positive is labelled, as the highest g of any row.

    Right for exact g, whose highest value c is wherever a row is surely positive. For a g that was estimated it is
    the largest error of the model: far too high, the more so the more rows there are.

    Parameters
    ----------
    binned : BinnedScores of out-of-fold g

    Returns
    -------
    float in (0, 1]

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
