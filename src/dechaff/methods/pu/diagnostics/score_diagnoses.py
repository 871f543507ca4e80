"""Diagnoses from scores and labels alone: few positives, a weak or uncalibrated model, c near 1, overlap, errors."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from dechaff.methods.pu.binned_scores import BinnedScores
from dechaff.methods.pu.class_prior.compromise import recommended
from dechaff.methods.pu.class_prior.consensus import consensus
from dechaff.methods.pu.class_prior.elkan_noto import e1
from dechaff.methods.pu.diagnostics.positive_errors import PositiveErrors


@dataclass(frozen=True)
class Diagnosis:
    """One possible trouble, found or not.

    Examples
    --------
    >>> print(Diagnosis("few positives", True, 12.0, "Only 12 rows are labelled.", "Label at least 60."))
    few positives: Only 12 rows are labelled. Label at least 60.
    """

    name: str
    """Of the trouble; the same whether it is there or not."""
    wrong: bool
    """Whether it is there."""
    figure: float
    """The number that decided; NaN if it could not be computed."""
    message: str
    """What was found and what it means, with the numbers in it."""
    do: str = ""
    """What to do about it; empty if there is nothing to do."""

    @property
    def checked(self) -> bool:
        """Whether it could be computed."""
        return not math.isnan(self.figure)

    def __str__(self) -> str:
        return f"{self.name}: {self.message} {self.do}".rstrip()


def not_checked(name: str, why: str) -> Diagnosis:
    """Neither found nor ruled out.

    Examples
    --------
    >>> not_checked("selection not at random", "the features are texts").message
    'Not checked: the features are texts.'
    """
    return Diagnosis(name, False, math.nan, f"Not checked: {why}.")


FEWEST = 60
"""Below, estimates of c are unreliable, and the bootstrap, which resamples the same few rows, does not show it."""


def few_positives(binned: BinnedScores) -> Diagnosis:
    """Whether fewer rows are labelled than estimates of c need.

    Examples
    --------
    >>> few_positives(BinnedScores(np.array([0.4, 0.1]), np.array([10.0, 2.0]), np.array([9.0, 90.0]))).wrong
    True
    """
    n, name = binned.n_labelled, "few positives"
    if n >= FEWEST:
        return Diagnosis(name, False, n, f"{n:.0f} rows are labelled, which is enough to estimate c.")
    says = f"Only {n:.0f} rows are labelled: c and the class prior may be far off, more than their intervals say."
    return Diagnosis(name, True, n, says, f"Label at least {FEWEST} positives, or pass c where it is known.")


STANDARD_ERRORS = 3.0
"""Standard errors from chance below which a figure may be due to chance."""
MOST_RATIO = 1.5
"""How far the mean score may be from the labelled fraction: boosting on 30 labelled rows is that much below it."""


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
    do = "Look for features that separate the classes; with trees, allow leaves of a few rows (min_samples_leaf)."
    return Diagnosis(name, True, wins, says, do)


def model_calibrated(binned: BinnedScores, reweighting: str = "") -> Diagnosis:
    """Whether the scores are probabilities of a label: their mean must be the fraction of labelled rows.

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
        says = f"The model has {reweighting}, so its scores are no probabilities of a label. {says}"
        do = "Train it without: e1, e2, e3 and g / c need g = p(s = 1 | x). Rare labels do no harm to it."
        return Diagnosis(name, True, ratio, says, do)
    if 1 / MOST_RATIO < ratio < MOST_RATIO or abs(mean - share) < STANDARD_ERRORS * error:
        return Diagnosis(name, False, ratio, says)
    says += " Scores that are no probabilities make e1, e2, e3 and g / c wrong."
    do = "Wrap the model in sklearn.calibration.CalibratedClassifierCV, and do without resampling and class weights."
    return Diagnosis(name, True, ratio, says, do)


NEAR_1 = 0.98


def nearly_all_labelled(binned: BinnedScores) -> Diagnosis:
    """Whether c is so near 1 that the unlabelled rows are practically negatives.

    Examples
    --------
    >>> nearly_all_labelled(BinnedScores(np.array([0.99, 0.1]), np.array([500.0, 0.0]), np.array([0.0, 900.0]))).wrong
    True
    """
    c, name = recommended(binned)(binned), "nearly all labelled"
    if c <= NEAR_1:
        says = f"About {c:.0%} of the positives are labelled, the others are among the unlabelled rows."
        return Diagnosis(name, False, c, says)
    says = f"c is {c:.2f}: next to no positive is unlabelled, or none that looks like the labelled ones."
    do = "Look at the highest unlabelled rows: if they are negative, an ordinary classifier does as well."
    return Diagnosis(name, True, c, says, do)


LEAST = 0.8


def classes_overlap(binned: BinnedScores) -> Diagnosis:
    """Whether e1 is far below the consensus, as it is by the factor E[f(x) | y = 1] if classes overlap.

    Examples
    --------
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


LEAST_RATE = 0.02
SURE_RATE = 0.005
"""What the low end of the interval must exceed."""


def wrong_positives(found: PositiveErrors) -> Diagnosis:
    """Whether some labelled rows are negative, against the assumption that no label is wrong.

    Examples
    --------
    >>> print(wrong_positives(PositiveErrors(0.001, 0.0, 0.01, np.zeros(3))))
    errors among positives: About 0.1 % of the labelled rows look negative (95 % interval 0.0 to 1.0 %).
    """
    name, figures = "errors among positives", [100 * one for one in (found.rate, found.low, found.high)]
    says = "About {:.1f} % of the labelled rows look negative (95 % interval {:.1f} to {:.1f} %).".format(*figures)
    if found.rate < LEAST_RATE or found.low < SURE_RATE:
        return Diagnosis(name, False, found.rate, says)
    says += " Each makes e1 smaller and every negative like it look positive."
    do = "Look at the labelled rows of the highest score of positive_errors() first, and take the wrong labels back."
    return Diagnosis(name, True, found.rate, says, do)
