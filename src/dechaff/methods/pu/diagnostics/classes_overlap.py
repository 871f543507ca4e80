"""Positives among the negatives, which make e1 too low."""

from __future__ import annotations

from dechaff.methods.pu.binned_scores import BinnedScores
from dechaff.methods.pu.class_prior.consensus import consensus
from dechaff.methods.pu.class_prior.e1 import e1
from dechaff.methods.pu.diagnostics.diagnosis import Diagnosis

LEAST = 0.8


def classes_overlap(binned: BinnedScores) -> Diagnosis:
    """Whether e1 falls far behind the consensus, as it does by the factor E[f(x) | y = 1] where classes overlap.

    Examples
    --------
    >>> import numpy as np
    >>> from dechaff.methods.pu.binned_scores import BinnedScores
    >>> odds = np.linspace(2, -4, 25)
    >>> labelled = 400 / (1 + np.exp(-odds))
    >>> found = classes_overlap(BinnedScores(labelled / 1000, labelled, 1000 - labelled))
    >>> found.wrong, found.figure < 0.8
    (True, True)
    """
    of_scores, best = e1(binned), consensus(binned)
    factor, name = of_scores / best, "classes overlap"
    if factor >= LEAST:
        return Diagnosis(
            name, False, factor, f"e1 is {of_scores:.3f} where the consensus is {best:.3f}: little overlap."
        )
    says = (
        f"Positives lie among the negatives. e1, the mean score of labelled rows, is {of_scores:.3f}: too low by a "
        f"factor of about {factor:.2f}, for the consensus of the other estimators is {best:.3f}."
    )
    return Diagnosis(name, True, factor, says, "Use the consensus, as PUClassifier does, and features that tell more.")
