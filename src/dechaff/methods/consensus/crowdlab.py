"""Consensus of annotators and a model per row, and a weight for each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import numpy.typing as npt

from dechaff.core.temperature import fit_sharpness, sharpened
from dechaff.errors import InputError
from dechaff.typing import Axes, Figures, Labels, Numbers, Probs

_TINY = 1e-300

Answers = Annotated[npt.NDArray[np.int64], Axes("n m")]
"""Class that each of m people gave each row; -1 = none."""


def temperature_by_answers(answers: Answers, probs: Probs) -> float:
    """The divisor of log-probabilities that makes the fractions of answers most probable.

    Parameters
    ----------
    answers : (n, m) int, 0 … k-1, or -1 if a person gave none
    probs : (n, k) float, rows sum to 1
        Out-of-sample probabilities.

    Returns
    -------
    float from .1 to 10
        Above 1 = the model is too sure.

    Source
    ------
    Guo, Pleiss, Sun, Weinberger (2017), On calibration of modern neural networks, ICML; soft labels in place of hard
    ones as in Goh, Mueller (2023), ActiveLab.

    Examples
    --------
    >>> answers = np.array([[0, 0, 0, 1]] * 3 + [[1, 1, 1, 0]] * 3)
    >>> sure = np.repeat([[0.9, 0.1], [0.1, 0.9]], 3, axis=0)
    >>> round(temperature_by_answers(answers, sure), 2)
    2.0
    """
    votes = np.stack([(answers == code).sum(axis=1) for code in range(probs.shape[1])], axis=1)
    return 1 / fit_sharpness(votes / votes.sum(axis=1, keepdims=True), probs, smallest=_TINY)


def at_temperature(probs: Probs, temperature: float) -> Probs:
    """(n, k) probabilities whose logarithms were divided by the temperature; rows sum to one again."""
    return sharpened(probs, power=1 / temperature, smallest=_TINY)


LEAST_WEIGHT = 1e-6
"""Accuracy of annotators and models that always give the most common class."""


@dataclass(frozen=True)
class CrowdLab:
    """Consensus of n rows from m annotators and some models."""

    posterior: Probs
    """Probability of each class, annotators and models combined."""
    consensus: Labels
    """The label of each row that the weights were read from."""
    annotator_weight: Figures
    """Weight of each annotator."""
    model_weights: npt.NDArray[np.float64]
    """Weight of each model."""
    agreement: Numbers
    """Fraction of each row's answers that are the consensus."""


def crowdlab(answers: Answers, models: Sequence[Probs], *, consensus: Labels) -> CrowdLab:
    """Probability of each class in each row, the weighted mean of annotators' answers and models' probabilities.

    An annotator weighs by how often others gave the same answer, a model by how often it predicts the consensus, both
    beyond what always giving the most common class would reach; a model also by the number of answers behind the
    consensus. An answer counts as ``P`` for its class and the rest for all others, where P is the mean agreement with
    the consensus.

    Parameters
    ----------
    answers : (n, m) int, 0 … k-1, or -1 if a person gave none
        At least one in each row, from each person, and two in some row.
    models : one (n, k) float or more, rows sum to 1
        Out-of-sample probabilities.
    consensus : (n,) int, 0 … k-1
        Reference for the weights, such as the majority of the answers.

    Raises
    ------
    InputError
        If no row has two answers: annotators cannot be compared.

    Source
    ------
    Goh, Tkachenko, Mueller (2022), CROWDLAB, arXiv 2210.06812, equations 2 to 7; several models as in its appendix.

    Examples
    --------
    >>> answers = np.array([[0, 0, 1], [1, 1, 1], [0, 0, -1], [1, -1, 0]])
    >>> model = np.array([[0.9, 0.1], [0.2, 0.8], [0.8, 0.2], [0.3, 0.7]])
    >>> found = crowdlab(answers, [model], consensus=np.array([0, 1, 0, 1]))
    >>> found.annotator_weight.round(2), found.posterior.argmax(axis=1)
    (array([0.33, 0.6 , 0.  ]), array([0, 1, 0, 1]))
    """
    given = answers >= 0
    count = given.sum(axis=1)
    compared = count > 1
    if not compared.any():
        raise InputError(
            "answers",
            "contain two or more of some row, to compare annotators by",
            f"{len(answers)} rows of one answer each",
            "Use find_label_errors, which needs one label per row.",
        )
    agreement = (answers == consensus[:, None]).sum(axis=1) / np.maximum(count, 1)
    usual = consensus[compared]
    # The fraction of the rows that naming the most common class gets wrong.
    chance = max(1 - float(np.bincount(usual).max()) / len(usual), LEAST_WEIGHT)
    annotator = np.maximum(1 - (1 - _agreement_with_others(answers, given)) / chance, LEAST_WEIGHT)
    errors = np.array([(probs.argmax(axis=1) != consensus)[compared].mean() for probs in models])
    model = np.maximum(1 - errors / chance, LEAST_WEIGHT) * np.sqrt(count.mean())
    posterior = _posterior(answers, models, annotator, model, float(agreement[compared].mean()))
    return CrowdLab(posterior, consensus, annotator, model, agreement)


def _agreement_with_others(answers: Answers, given: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """(m,) fraction of the others' answers to an annotator's rows that agree; the mean if there are no others."""
    same = np.zeros(answers.shape)
    for code in np.unique(answers[given]):
        gave = answers == code
        same[gave] = np.broadcast_to(gave.sum(axis=1, keepdims=True) - 1, answers.shape)[gave]
    others = np.where(given, given.sum(axis=1, keepdims=True) - 1, 0).sum(axis=0)
    shares = same.sum(axis=0) / np.maximum(others, 1)
    return np.asarray(np.where(others > 0, shares, shares[others > 0].mean()))


def _posterior(
    answers: Answers,
    models: Sequence[Probs],
    annotator: npt.NDArray[np.float64],
    model: npt.NDArray[np.float64],
    agree: float,
) -> Probs:
    k = models[0].shape[1]
    summed = np.sum([weight * probs for weight, probs in zip(model, models, strict=True)], axis=0)
    of_class = np.stack([np.where(answers == code, annotator, 0.0).sum(axis=1) for code in range(k)], axis=1)
    everyone = of_class.sum(axis=1, keepdims=True)
    rest = (1 - agree) / (k - 1)
    return np.asarray((summed + agree * of_class + rest * (everyone - of_class)) / (model.sum() + everyone))
