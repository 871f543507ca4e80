"""A base model that is too stiff for the data, which makes c too low without any other sign."""

from __future__ import annotations

import math

import numpy as np

from dechaff.checks import check_same_length
from dechaff.methods.pu.binned_scores import bin_scores
from dechaff.methods.pu.diagnostics.label_curve import fit_label_curve, normal_ranks
from dechaff.methods.pu.diagnostics.score_diagnoses import Diagnosis
from dechaff.typing import Mask, Numbers

NAME = "model misses structure"
STANDARD_ERRORS = 3.0
LEAST_GAIN = 0.05
"""Fraction of the deviance that a flexible model must save."""


def missing_structure(label_probs: Numbers, labelled: Mask, reference_probs: Numbers) -> Diagnosis:
    """Whether a more flexible model predicts the labels better, out of fold.

    A model that cannot part the classes, such as a linear one between two moons, mixes negatives into every region.
    Its labelled share then levels off at c times the purity of the purest region: a plateau as good as any, but lower
    than c. No score of that model can tell, but another model can. Both scores are calibrated first, by the curve of
    the labelled share over each, so that only what they know of the rows counts.

    Parameters
    ----------
    label_probs : (n,) float from 0 to 1
        Out-of-fold g of the base model.
    labelled : (n,) bool
    reference_probs : (n,) float from 0 to 1
        Out-of-fold g of a flexible model, on the same folds.

    Returns
    -------
    Diagnosis
        `figure` is the fraction of the deviance that the reference saves; below 0 if it does worse.

    Raises
    ------
    InputError
        If lengths differ, a score is outside [0, 1], or no row is labelled or unlabelled.

    Source
    ------
    Vuong (1989), Likelihood ratio tests for model selection and non-nested hypotheses, Econometrica 57, on out-of-fold
    likelihoods; its use as a check of c is our own.

    Examples
    --------
    >>> random = np.random.default_rng(0)
    >>> f = random.random(2000)
    >>> labelled = random.random(2000) < 0.5 * f**4
    >>> missing_structure(np.full(2000, 0.1), labelled, 0.5 * f**4).wrong
    True
    """
    check_same_length(label_probs=label_probs, labelled=labelled, reference_probs=reference_probs)
    own, other = _log_likelihoods(label_probs, labelled), _log_likelihoods(reference_probs, labelled)
    saved = 1 - float(other.sum() / own.sum())
    difference = other - own
    error = float(difference.std()) * math.sqrt(len(difference))
    says = f"A flexible model explains {saved:.0%} more of the labels than this one, out of fold"
    if saved < LEAST_GAIN or float(difference.sum()) < STANDARD_ERRORS * error:
        says = "A flexible model explains the labels no better than this one, out of fold."
        return Diagnosis(NAME, False, saved, says)
    says += ": this one mixes rows that can be separated, and c comes out too low, the class prior too high."
    do = "Use a more flexible model, such as HistGradientBoostingClassifier, or better features."
    return Diagnosis(NAME, True, saved, says, do)


def _log_likelihoods(label_probs: Numbers, labelled: Mask) -> Numbers:
    """For each row, the labelled fraction at its score."""
    curve = fit_label_curve(bin_scores(label_probs, labelled), c=(float(labelled.mean()), 1.0))
    share = curve.label_probs(normal_ranks(label_probs))
    return np.asarray(np.where(labelled, np.log(share), np.log1p(-share)))
