"""Labels that are wrong in both directions: how many of each class, which rows, and how to train without them.

The labels s are now a noisy form of the truth y, and err both ways: a share rho1 = p(s = 0 | y = 1) of the positives is
labelled negative, and a share rho0 = p(s = 1 | y = 0) of the negatives positive. Rows count where the model is
confident: for the positive class, those that score at least the mean of the rows labelled positive; for the negative
class, those that score at most the mean of the rows labelled negative.

Positive-unlabelled learning is the case rho0 = 0, rho1 = 1 - c: "unlabelled" is a negative label that is often wrong.
Confident learning is the general case of more classes: `confident_counts` is its confident joint, but for rows that
reach both thresholds, which there go to the likelier class and here to both. No threshold of one class lies beyond that
of the other unless the model is worse than none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dechaff.errors import InputError
from dechaff.methods.pu.scheme import row_counts
from dechaff.typing import ClassMatrix, Mask, Numbers

THRESHOLD_SLACK = 1e-6
"""Tolerance beyond a threshold: thresholds are means, and some rows are exactly on them."""

_ROUNDING = 1e-9


@dataclass(frozen=True)
class NoiseRates:
    """How often labels of each class are wrong, and how often each label is."""

    rho1: float
    """p(s = 0 | y = 1): fraction of the positives that are labelled negative."""
    rho0: float
    """p(s = 1 | y = 0): fraction of the negatives that are labelled positive."""
    labelled_share: float
    """p(s = 1)."""

    @property
    def class_prior(self) -> float:
        """p(y = 1), from p(s = 1) = (1 - rho1) p(y = 1) + rho0 p(y = 0)."""
        if not self.informative:
            return self.labelled_share
        return float(np.clip((self.labelled_share - self.rho0) / (1 - self.rho1 - self.rho0), 0, 1))

    @property
    def wrong_negatives(self) -> float:
        """pi1 = p(y = 1 | s = 0): fraction of the negative labels that are wrong."""
        if not self.informative or self.labelled_share >= 1:
            return 0.0
        return min(self.rho1 * self.class_prior / (1 - self.labelled_share), 1.0)

    @property
    def wrong_positives(self) -> float:
        """pi0 = p(y = 0 | s = 1): fraction of the positive labels that are wrong."""
        if not self.informative or self.labelled_share <= 0:
            return 0.0
        return min(self.rho0 * (1 - self.class_prior) / self.labelled_share, 1.0)

    @property
    def informative(self) -> bool:
        """Whether labels are right more often than not; else they are uninformative, and none is flagged."""
        return self.rho1 + self.rho0 < 1


def confident_counts(label_probs: Numbers, labelled: Mask, *, weights: Numbers | None = None) -> ClassMatrix:
    """Rows by label and by the class that the model is confident of.

    Parameters
    ----------
    label_probs : (n,) float from 0 to 1
        Out-of-fold g = p(s = 1 | x). In-sample ones hide errors.
    labelled : (n,) bool
        True = labelled positive.
    weights : (n,) float, at least 0
        How often each row counts.

    Returns
    -------
    (2, 2) float
        Rows = label (negative, positive), columns = confident class: the paper's
        ``[[N~_{y=0}, N~_{y=1}], [P~_{y=0}, P~_{y=1}]]``.

    Raises
    ------
    InputError
        If lengths differ, or rows of one label are missing.

    Source
    ------
    Northcutt, Wu, Chuang (2017), Learning with confident examples, UAI, equations 2 and 3. Differs: a row on its
    threshold, but for rounding, counts.

    Examples
    --------
    >>> confident_counts(np.array([0.9, 0.7, 0.8, 0.1, 0.3]), np.array([True, True, False, False, False]))
    array([[2., 1.],
           [0., 1.]])
    """
    counts = row_counts(weights, label_probs=label_probs, labelled=labelled)
    share = np.array([counts[~labelled].sum(), counts[labelled].sum()])
    if not share.all():
        found = f"{share[1]:g} positive and {share[0]:g} negative labels"
        raise InputError("labelled", "contain both labels", found, "Pass rows of both.")
    upper, lower = (np.average(label_probs[one], weights=counts[one]) for one in (labelled, ~labelled))
    confident = np.array([label_probs <= lower + THRESHOLD_SLACK, label_probs >= upper - THRESHOLD_SLACK])
    return np.array([(confident * (counts * one)).sum(axis=1) for one in (~labelled, labelled)])


def noise_rates(label_probs: Numbers, labelled: Mask, *, weights: Numbers | None = None) -> NoiseRates:
    """How often the labels of each class are wrong, counted on the rows that the model is confident of.

    If classes do not overlap it is exact, and on positive-unlabelled data 1 - rho1 is Elkan and Noto's c. Where
    they do, 1 - rho1 is the labelled fraction of the rows that score at least Elkan and Noto's e1: too low as well, but
    less so than e1, which is the mean score of fewer sure rows.

    Parameters and errors as in `confident_counts`.

    Source
    ------
    Northcutt, Wu, Chuang (2017), UAI, equation 4; equation 6 for what follows from the rates.

    Examples
    --------
    A tenth of 50 positives and a fifth of 100 negatives carry the wrong label, and g is exact:

    >>> y, labelled = np.repeat([True, False], [50, 100]), np.repeat([True, False, True, False], [45, 5, 20, 80])
    >>> rates = noise_rates(np.where(y, 0.9, 0.2), labelled)
    >>> round(rates.rho1, 3), round(rates.rho0, 3), round(rates.class_prior, 3)
    (0.1, 0.2, 0.333)
    """
    (right0, wrong1), (wrong0, right1) = confident_counts(label_probs, labelled, weights=weights).tolist()
    share = float(np.average(labelled, weights=weights))
    return NoiseRates(_ratio(wrong1, right1), _ratio(wrong0, right0), share)


def kept_rows(label_probs: Numbers, labelled: Mask, rates: NoiseRates, *, weights: Numbers | None = None) -> Mask:
    """The rows that are left when the likely wrong labels are taken out.

    Of the rows labelled negative, the share pi1 that scores highest goes, and of those labelled positive, the share
    pi0 that scores lowest. Rows that tie go together, and stay where not all of them should go.

    Parameters
    ----------
    label_probs, labelled, weights : as in `confident_counts`
    rates : NoiseRates

    Returns
    -------
    (n,) bool
        Rows of both labels among them.

    Raises
    ------
    InputError
        If lengths differ.

    Source
    ------
    Northcutt, Wu, Chuang (2017), UAI, section 3.4. Differs: ties.

    Examples
    --------
    >>> g, labelled = np.array([0.9, 0.7, 0.8, 0.1, 0.3]), np.array([True, True, False, False, False])
    >>> kept_rows(g, labelled, NoiseRates(rho1=0.5, rho0=0.0, labelled_share=0.4))
    array([ True,  True, False,  True, False])
    """
    counts = row_counts(weights, label_probs=label_probs, labelled=labelled)
    kept = np.ones(len(labelled), dtype=np.bool_)
    for rows, doubt, share in (
        (np.flatnonzero(~labelled), label_probs, rates.wrong_negatives),
        (np.flatnonzero(labelled), -label_probs, rates.wrong_positives),
    ):
        kept[rows] = ~_most_doubtful(doubt[rows], counts[rows], share)
    return kept


def retraining_weights(labelled: Mask, rates: NoiseRates) -> Numbers:
    """How much each row that is left counts, so that both classes count as they are in the population.

    Pruning leaves 1 - rho1 of the positives and 1 - rho0 of the negatives; each stands for the ones that went.

    Parameters
    ----------
    labelled : (n,) bool
    rates : NoiseRates

    Returns
    -------
    (n,) float, at least 1
        1 throughout if labels are wrong more often than right.

    Source
    ------
    Northcutt, Wu, Chuang (2017), UAI, section 3.5.

    Examples
    --------
    >>> retraining_weights(np.array([True, False]), NoiseRates(rho1=0.5, rho0=0.2, labelled_share=0.4))
    array([2.  , 1.25])
    """
    if not rates.informative:
        return np.ones(len(labelled))
    return np.where(labelled, 1 / (1 - rates.rho1), 1 / (1 - rates.rho0))


def _ratio(wrong: float, right: float) -> float:
    return wrong / (wrong + right) if wrong + right > 0 else 0.0


def _most_doubtful(
    doubt: npt.NDArray[np.float64], counts: npt.NDArray[np.float64], share: float
) -> npt.NDArray[np.bool_]:
    """Rows of highest doubt, at most the given fraction; never all."""
    place = np.unique(-doubt, return_inverse=True)[1]
    reached = np.bincount(place, counts).cumsum()
    gone = reached <= (share + _ROUNDING) * reached[-1]
    gone[-1] = False
    return np.asarray(gone[place], dtype=np.bool_)
