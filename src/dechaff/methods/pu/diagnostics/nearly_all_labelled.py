"""c near 1: hardly any positive is unlabelled."""

from __future__ import annotations

from dechaff.methods.pu.binned_scores import BinnedScores
from dechaff.methods.pu.class_prior.consensus import consensus
from dechaff.methods.pu.diagnostics.diagnosis import Diagnosis

NEAR_1 = 0.98


def nearly_all_labelled(binned: BinnedScores) -> Diagnosis:
    """Whether c is so near 1 that the unlabelled rows may be taken for negatives.

    Examples
    --------
    >>> import numpy as np
    >>> nearly_all_labelled(BinnedScores(np.array([0.99, 0.1]), np.array([500.0, 0.0]), np.array([0.0, 900.0]))).wrong
    True
    """
    c, name = consensus(binned), "nearly all labelled"
    if c <= NEAR_1:
        says = f"About {c:.0%} of the positives are labelled, the others are among the unlabelled rows."
        return Diagnosis(name, False, c, says)
    says = f"c is {c:.2f}: next to no positive is unlabelled, or none that looks like the labelled ones."
    do = "Look at the highest unlabelled rows: if they are negative, an ordinary classifier does as well."
    return Diagnosis(name, True, c, says, do)
