"""c from the top bin that is surely the richest in labelled rows."""

from __future__ import annotations

from dechaff.core.intervals import clopper_pearson_low
from dechaff.methods.pu.binned_scores import BinnedScores

CHANCE = 0.05
"""Of a lower bound to be above the truth."""
FEWEST_LABELLED = 10.0
"""Fewest labelled rows above a threshold that may be chosen."""


def top_bin(binned: BinnedScores) -> float:
    """Probability that a positive is labelled, as the fraction of labelled rows above the threshold that proves it
    highest.

    Above a threshold with positives only, a share c of the rows is labelled; above any other, fewer are. So the share
    is looked up where its lower confidence bound (Clopper, Pearson) is highest. The bound picks the threshold only:
    it would itself be too low, and the share itself is a little too high, being the best of many.

    Parameters
    ----------
    binned : BinnedScores of out-of-fold g

    Returns
    -------
    float in (0, 1]

    Source
    ------
    Scott (2015), A rate of convergence for mixture proportion estimation, AISTATS: the edge of the ROC curve; Clopper,
    Pearson (1934), Biometrika 26: the bound. Differs: one bound for the share instead of two for its parts.

    Examples
    --------
    A third of the positives lies above every negative; half of them are labelled:

    >>> from dechaff.methods.pu.binned_scores import BinnedScores
    >>> scores, labelled, unlabelled = np.array([0.5, 0.2, 0.0]), [1000, 2000, 0], [1000, 5000, 9000]
    >>> top_bin(BinnedScores(scores, np.array(labelled, float), np.array(unlabelled, float)))
    0.5
    """
    labelled, unlabelled = binned.labelled.cumsum(), binned.unlabelled.cumsum()
    allowed = labelled >= min(FEWEST_LABELLED, binned.n_labelled)
    labelled, unlabelled = labelled[allowed], unlabelled[allowed]
    best = clopper_pearson_low(labelled, labelled + unlabelled, chance=CHANCE).argmax()
    return float(labelled[best] / (labelled[best] + unlabelled[best]))
