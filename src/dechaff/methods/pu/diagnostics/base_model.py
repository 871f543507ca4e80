"""A base model that tells nothing, or whose probabilities are none."""

from __future__ import annotations

import numpy as np

from dechaff.methods.pu.binned_scores import BinnedScores
from dechaff.methods.pu.diagnostics.diagnosis import Diagnosis

STANDARD_ERRORS = 3.0
"""Distance from chance below which a figure may be chance."""
MOST_RATIO = 1.5
"""How far the mean score may be from the labelled share: boosting on 30 labelled rows falls that much short of it."""


def model_learns(binned: BinnedScores) -> Diagnosis:
    """Whether labelled rows score higher than unlabelled ones, out of fold.

    Boosted trees whose leaves must hold more rows than are labelled give every row the same score.

    Examples
    --------
    >>> model_learns(BinnedScores(np.array([0.2]), np.array([20.0]), np.array([80.0]))).wrong
    True
    """
    name, n_labelled, n_unlabelled = "model learns nothing", binned.n_labelled, binned.n_unlabelled
    below = n_unlabelled - binned.unlabelled.cumsum()
    wins = float(binned.labelled @ (below + binned.unlabelled / 2)) / (n_labelled * n_unlabelled)
    chance = np.sqrt((n_labelled + n_unlabelled + 1) / (12 * n_labelled * n_unlabelled))
    says = f"A labelled row scores higher than an unlabelled one in {100 * wins:.0f} of 100 pairs"
    if wins > 0.5 + STANDARD_ERRORS * chance:
        return Diagnosis(name, False, wins, f"{says}.")
    says += ", as by chance: nothing that follows from the scores means anything."
    do = "Look for features that tell the classes apart; with trees, allow leaves of a few rows (min_samples_leaf)."
    return Diagnosis(name, True, wins, says, do)


def model_calibrated(binned: BinnedScores, reweighting: str = "") -> Diagnosis:
    """Whether the scores are probabilities of a label: their mean must be the share of labelled rows.

    Parameters
    ----------
    binned : BinnedScores of out-of-fold g
    reweighting : what the model was seen to do with the classes, such as ``class_weight='balanced'``; "" for nothing.

    Examples
    --------
    >>> balanced = BinnedScores(np.array([0.9, 0.3]), np.array([80.0, 20.0]), np.array([150.0, 750.0]))
    >>> model_calibrated(balanced).wrong
    True
    """
    name, counts = "model uncalibrated", binned.labelled + binned.unlabelled
    share, mean = binned.n_labelled / counts.sum(), float(counts @ binned.scores) / counts.sum()
    ratio, error = max(mean, 1e-9) / share, np.sqrt(share * (1 - share) / counts.sum())
    says = f"The mean score is {mean:.3f} where {share:.3f} of the rows are labelled."
    if reweighting:
        says = f"The model has {reweighting}, so that its scores are no probabilities of a label. {says}"
        do = "Train it without: e1, e2, e3 and g / c need g = p(s = 1 | x). Rare labels do no harm to it."
        return Diagnosis(name, True, ratio, says, do)
    if 1 / MOST_RATIO < ratio < MOST_RATIO or abs(mean - share) < STANDARD_ERRORS * error:
        return Diagnosis(name, False, ratio, says)
    says += " Scores that are no probabilities make e1, e2, e3 and g / c wrong."
    do = "Wrap the model in sklearn.calibration.CalibratedClassifierCV, and do without resampling and class weights."
    return Diagnosis(name, True, ratio, says, do)
