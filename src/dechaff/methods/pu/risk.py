"""The risk of a classifier of positives and negatives, estimated without a single negative.

With the class prior pi = p(y = 1), scores z and a loss l(z, sign), the expected loss over the population is

    R = pi E[l(z, +1) | y = 1] + (1 - pi) E[l(z, -1) | y = 0],

and the second part, for which negatives are missing, is that of all rows taken for negative less that of the positives
taken for negative:

    (1 - pi) E[l(z, -1) | y = 0] = E[l(z, -1)] - pi E[l(z, -1) | y = 1].

Both means can be taken over rows that are there. The estimate is unbiased, but its second part, which cannot be
negative in the population, becomes so in a sample that a flexible model memorises; then learning goes astray.
The non-negative estimate takes 0 for it instead.

The labelled rows stand for the positives. Who stands for the population depends on the scheme: all rows where one
sample was labelled in part, the unlabelled ones where these are a sample of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from dechaff.methods.pu.scheme import Scheme, check_both_kinds, row_counts
from dechaff.typing import Mask, Numbers

Array = npt.NDArray[np.float64]


class ScoreLoss(Protocol):
    """Loss and slope of rows with the given scores and signs (+1 = positive, -1 = negative)."""

    def __call__(self, score: Array, sign: Array) -> Array:
        """The loss."""

    def slope(self, score: Array, sign: Array) -> Array:
        """Derivative of the loss by the score."""


@dataclass(frozen=True)
class SigmoidLoss:
    """1 / (1 + exp(sign·score)): a smooth count of errors, bounded, so that no single row can pull far.

    Its least expected value lies at an infinite score on the likelier side: scores rank rows, their sign is the
    verdict, and they stand for no probability.

    Source: Kiryo, Niu, du Plessis, Sugiyama (2017), NeurIPS, section 5.

    Examples
    --------
    >>> SigmoidLoss()(np.array([0.0, 2.0]), np.array([1.0, -1.0])).round(3)
    array([0.5  , 0.881])
    >>> SigmoidLoss().slope(np.array([0.0, 2.0]), np.array([1.0, -1.0])).round(3)
    array([-0.25 ,  0.105])
    """

    def __call__(self, score: Array, sign: Array) -> Array:
        """The loss."""
        return np.asarray(expit(-sign * score))

    def slope(self, score: Array, sign: Array) -> Array:
        """-sign · loss · (1 - loss)."""
        loss = expit(-sign * score)
        return np.asarray(-sign * loss * (1 - loss))


@dataclass(frozen=True)
class Samples:
    """How much each row counts in the mean over the positives, and in that over the population."""

    positives: Numbers
    """Sums to 1; 0 for unlabelled rows."""
    population: Numbers
    """Sums to 1."""


@dataclass(frozen=True)
class PURisk:
    """The two parts of the risk."""

    positive: float
    """pi E[l(z, +1) | y = 1]."""
    negative: float
    """(1 - pi) E[l(z, -1) | y = 0], from the positives and the population; may be negative."""

    @property
    def unbiased(self) -> float:
        """The estimate of du Plessis et al."""
        return self.positive + self.negative

    @property
    def non_negative(self) -> float:
        """The estimate of Kiryo et al."""
        return self.positive + max(self.negative, 0.0)


def samples(labelled: Mask, scheme: Scheme, *, weights: Numbers | None = None) -> Samples:
    """How much each row counts in the mean over the positives, and in that over the population.

    Parameters
    ----------
    labelled : (n,) bool
    scheme : "single-training-set" or "case-control"
    weights : (n,) float, at least 0

    Raises
    ------
    InputError
        If lengths differ, or rows of one kind are missing.

    Source
    ------
    Bekker, Davis (2020), Learning from positive and unlabeled data: a survey, Machine Learning 109, section 2.3.

    Examples
    --------
    >>> one = samples(np.array([True, False, False, False]), "single-training-set")
    >>> one.positives, one.population
    (array([1., 0., 0., 0.]), array([0.25, 0.25, 0.25, 0.25]))
    >>> samples(np.array([True, False, False]), "case-control").population
    array([0. , 0.5, 0.5])
    """
    counts = row_counts(weights, labelled=labelled)
    on_positives, on_unlabelled = counts * labelled, counts * ~labelled
    check_both_kinds(on_positives.sum(), on_unlabelled.sum())
    population = counts if scheme == "single-training-set" else on_unlabelled
    return Samples(on_positives / on_positives.sum(), population / population.sum())


def pu_risk(scores: Numbers, rows: Samples, class_prior: float, *, loss: ScoreLoss) -> PURisk:
    """The expected loss of a classifier, estimated from labelled positives and the population.

    Parameters
    ----------
    scores : (n,) float
        Positive = taken for positive.
    rows : Samples
    class_prior : float from 0 to 1
        pi, fraction of positives in the population.
    loss : what a row with this score costs, if it is positive or negative.

    Source
    ------
    du Plessis, Niu, Sugiyama (2015), Convex formulation for learning from positive and unlabeled data, ICML, equation
    3; Kiryo, Niu, du Plessis, Sugiyama (2017), Positive-unlabeled learning with non-negative risk estimator, NeurIPS,
    equation 6.

    Examples
    --------
    All positives are labelled, so this is the mean loss of two positives and two negatives:

    >>> scores, labelled = np.array([0.0, 2.0, 0.0, -2.0]), np.array([True, True, False, False])
    >>> risk = pu_risk(scores, samples(labelled, "single-training-set"), 0.5, loss=SigmoidLoss())
    >>> round(risk.unbiased, 4), round(float(np.mean([0.5, 0.1192, 0.5, 0.1192])), 4)
    (0.3096, 0.3096)
    """
    plus, minus = np.ones(len(scores)), -np.ones(len(scores))
    on_positives = class_prior * rows.positives
    return PURisk(
        float(on_positives @ loss(scores, plus)), float((rows.population - on_positives) @ loss(scores, minus))
    )


def unbiased_slopes(scores: Numbers, rows: Samples, class_prior: float, *, loss: ScoreLoss) -> Numbers:
    """The derivative of the unbiased risk by the score of each row.

    Parameters
    ----------
    scores, rows, class_prior, loss : as of `pu_risk`

    Returns
    -------
    (n,) float

    Source
    ------
    du Plessis, Niu, Sugiyama (2015), ICML.

    Examples
    --------
    >>> scores, rows = np.zeros(3), samples(np.array([True, False, False]), "case-control")
    >>> unbiased_slopes(scores, rows, 0.5, loss=SigmoidLoss())
    array([-0.25 ,  0.125,  0.125])
    """
    positive, negative = _slopes(scores, rows, class_prior, loss)
    return positive + negative


def non_negative_slopes(
    scores: Numbers,
    rows: Samples,
    class_prior: float,
    *,
    loss: ScoreLoss,
    beta: float = 0.0,
    gamma: float = 1.0,
) -> Numbers:
    """The direction in which Kiryo et al. move the scores; the step is against it.

    If the negative part of the risk is below -beta, the model has memorised its positives. Then the step goes
    back up: along minus gamma times the slope of that part. Else it is the slope of the unbiased risk.

    Parameters
    ----------
    scores, rows, class_prior, loss : as of `pu_risk`, for the rows of one small batch
    beta : float, at least 0
        How far below 0 the negative part may be; batches differ.
    gamma : float from 0 to 1
        Length of the step back.

    Returns
    -------
    (n,) float

    Source
    ------
    Kiryo, Niu, du Plessis, Sugiyama (2017), NeurIPS, algorithm 1.

    Examples
    --------
    >>> rows = samples(np.array([True, False, False]), "case-control")
    >>> non_negative_slopes(np.array([3.0, -3.0, -3.0]), rows, 0.5, loss=SigmoidLoss()).round(3)
    array([ 0.023, -0.023, -0.023])
    """
    positive, negative = _slopes(scores, rows, class_prior, loss)
    if pu_risk(scores, rows, class_prior, loss=loss).negative < -beta:
        return -gamma * negative
    return positive + negative


def _slopes(scores: Numbers, rows: Samples, class_prior: float, loss: ScoreLoss) -> tuple[Array, Array]:
    plus, minus = np.ones(len(scores)), -np.ones(len(scores))
    on_positives = class_prior * rows.positives
    return on_positives * loss.slope(scores, plus), (rows.population - on_positives) * loss.slope(scores, minus)
