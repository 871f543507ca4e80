"""Consensus of annotators and a model per row, and a weight for each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from dechaff.core.fold import SumFold
from dechaff.core.temperature import fit_sharpness, sharpened
from dechaff.errors import InputError
from dechaff.methods.consensus.answer_rows import AnsweredItems, AnswerRows, ItemSums, rounded, votes_of
from dechaff.methods.consensus.majority_vote import majority_vote
from dechaff.typing import Chunk, Figures, Labels, Numbers, Probs

_TINY = 1e-300


def temperature_by_answers(rows: AnswerRows, probs: Probs) -> float:
    """The divisor of log-probabilities that makes the fractions of answers most probable.

    Parameters
    ----------
    rows : AnswerRows
        Of n items.
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
    >>> labels = np.array([0, 0, 0, 1] * 3 + [1, 1, 1, 0] * 3)
    >>> rows = AnswerRows.of(np.repeat(np.arange(6), 4), np.tile(np.arange(4), 6), labels)
    >>> sure = np.repeat([[0.9, 0.1], [0.1, 0.9]], 3, axis=0)
    >>> round(temperature_by_answers(rows, sure), 2)
    2.0
    """
    return 1 / fit_sharpness(majority_vote(rows), probs, smallest=_TINY)


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
    answer_weight: Numbers
    """Sum of the weights of each row's annotators."""
    agreement: Numbers
    """Fraction of each row's answers that are the consensus."""


@dataclass(frozen=True)
class AnswersOfOthers(SumFold[npt.NDArray[np.int64]]):
    """(2, m) of the others' answers to the items of each annotator: how many are the same, and how many there are.

    Examples
    --------
    >>> rows = AnswerRows.of(np.array([0, 0, 0, 1]), np.array([0, 1, 2, 0]), np.array([1, 1, 0, 0]))
    >>> rows.run(AnswersOfOthers(votes_of(rows.shape)))
    array([[1, 1, 0],
           [2, 2, 2]])
    """

    votes: npt.NDArray[np.float64] = field(repr=False)
    """(m, k, k) the table by which each answer is a vote."""
    columns: ClassVar[tuple[str, ...]] = ("items", "annotators", "labels")
    keyed_by = "items"

    def init(self) -> npt.NDArray[np.int64]:
        """No answers."""
        return np.zeros((2, len(self.votes)), dtype=np.int64)

    def update(self, state: npt.NDArray[np.int64], chunk: Chunk) -> npt.NDArray[np.int64]:
        """Adds the answers of whole items."""
        m, k, _ = self.votes.shape
        found = AnsweredItems.of(chunk, (m, k, k))
        votes = found.sums(self.votes)[found.of_answers]
        annotators, labels = np.divmod(found.answers, k)
        same = votes[np.arange(len(votes)), labels] - 1
        counts = [np.bincount(annotators, weights=one, minlength=m) for one in (same, votes.sum(axis=1) - 1)]
        return state + np.stack(counts).astype(np.int64)


def crowdlab(rows: AnswerRows, models: Sequence[Probs], *, consensus: Labels) -> CrowdLab:
    """Probability of each class in each row, the weighted mean of annotators' answers and models' probabilities.

    An annotator weighs by how often others gave the same answer, a model by how often it predicts the consensus, both
    beyond what always giving the most common class would reach; a model also by the number of answers behind the
    consensus. An answer counts as ``P`` for its class and the rest for all others, where P is the mean agreement with
    the consensus.

    Parameters
    ----------
    rows : AnswerRows
        Of n items, at least one of each item and annotator, and two of some item.
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
    >>> items, annotators = np.array([0, 0, 0, 1, 1, 1, 2, 2, 3, 3]), np.array([0, 1, 2, 0, 1, 2, 0, 1, 0, 2])
    >>> rows = AnswerRows.of(items, annotators, np.array([0, 0, 1, 1, 1, 1, 0, 0, 1, 0]))
    >>> model = np.array([[0.9, 0.1], [0.2, 0.8], [0.8, 0.2], [0.3, 0.7]])
    >>> found = crowdlab(rows, [model], consensus=np.array([0, 1, 0, 1]))
    >>> found.annotator_weight.round(2), found.posterior.argmax(axis=1)
    (array([0.33, 0.6 , 0.  ]), array([0, 1, 0, 1]))
    """
    compared = rows.per_item > 1
    if not compared.any():
        raise InputError(
            "answers",
            "contain two or more of some row, to compare annotators by",
            f"{rows.n_items} rows of one answer each",
            "Use find_label_errors, which needs one label per row.",
        )
    votes = votes_of(rows.shape)
    agreement = majority_vote(rows)[np.arange(rows.n_items), consensus]
    usual = consensus[compared]
    # The fraction of the rows that naming the most common class gets wrong.
    chance = max(1 - float(np.bincount(usual).max()) / len(usual), LEAST_WEIGHT)
    same, others = rows.run(AnswersOfOthers(votes))
    shares = same / np.maximum(others, 1)
    agreed = np.where(others > 0, shares, shares[others > 0].mean())
    annotator = np.maximum(1 - (1 - agreed) / chance, LEAST_WEIGHT)
    errors = np.array([(probs.argmax(axis=1) != consensus)[compared].mean() for probs in models])
    model = np.maximum(1 - errors / chance, LEAST_WEIGHT) * np.sqrt(rows.per_item.mean())
    summed = np.sum([weight * probs for weight, probs in zip(model, models, strict=True)], axis=0)
    agree = float(agreement[compared].mean())
    says = np.where(votes > 0, agree, (1 - agree) / (rows.n_classes - 1))
    said = rows.run(ItemSums(rounded(annotator[:, None, None] * says), rows.n_items))
    weight = said.sum(axis=1)
    posterior = (summed + said) / (model.sum() + weight)[:, None]
    return CrowdLab(posterior, consensus, annotator, model, weight, agreement)
