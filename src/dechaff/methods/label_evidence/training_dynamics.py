"""Scores of doubt from the course of a training: area under the margin, cartography, forgetting events."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dechaff.methods.label_evidence.stages import Stages, rows_of_stage, stage_probs
from dechaff.typing import Labels, Numbers, Score


def area_under_margin(labels: Labels, stages: Stages) -> Score:
    """Doubt in each label: its rank by the mean margin of its logit over a training, smallest first.

    The margin of a stage is the logit of the given label less the largest of the others. Rows that are mislabelled
    are pulled towards their label by memory alone, and late; so on the way their margins stay small. Logits, not
    probabilities: the distance of a margin that has been won or lost still counts. Weak where labels are swapped
    between two classes in bulk, for then the model learns the swap as early as the truth.

    Parameters
    ----------
    labels : (n,) int, 0 … k-1
        Given labels; may be wrong.
    stages : (t, n, k) float
        Logits after each of t epochs or boosting stages; of the rows trained on, as in the paper, or out of fold.

    Returns
    -------
    (n,) float in [0, 1]
        Higher = look at this row first; a rank, not a probability.

    Source
    ------
    Pleiss, Zhang, Elenberg, Weinberger (2020), Identifying mislabeled data using the area under the margin ranking,
    NeurIPS. Differs: a rank from 0 to 1 instead of the margin.

    Examples
    --------
    >>> stages = np.array([[[2.0, 0.0], [1.0, 0.0], [0.0, 1.0]], [[4.0, 0.0], [0.0, 1.0], [0.0, 3.0]]])
    >>> area_under_margin(np.array([0, 0, 0]), stages)
    array([0. , 0.5, 1. ])
    """
    from scipy.stats import rankdata

    return np.asarray((rankdata(-mean_margin(labels, stages)) - 1) / max(len(labels) - 1, 1))


def mean_margin(labels: Labels, stages: Stages) -> Numbers:
    """(n,) logit of the given label less the largest other, the mean of the stages."""
    rows = np.arange(len(labels))
    total = np.zeros(len(labels))
    for place in range(len(stages)):
        logits = rows_of_stage(stages, place)
        own = logits[rows, labels]
        logits[rows, labels] = -np.inf
        total += own - logits.max(axis=1)
    return np.asarray(total / len(stages))


@dataclass(frozen=True)
class Cartography:
    """Where each row lies on the map."""

    confidence: Numbers
    """(n,) mean over the stages of the probability of the given label."""
    variability: Numbers
    """(n,) standard deviation of the same."""
    correctness: Numbers
    """(n,) fraction of the stages at which the given label was the most probable."""

    @property
    def score(self) -> Score:
        """(n,) one minus the confidence: wrong labels lie among the rows that are hard to learn."""
        return np.asarray(1 - self.confidence)


def cartography(labels: Labels, stages: Stages) -> Cartography:
    """Confidence, variability and correctness of each row over a training.

    Low confidence and low variability: hard to learn, often mislabelled. High variability: undecided. High
    confidence: easy.

    Parameters
    ----------
    labels : (n,) int, 0 … k-1
        Given labels; may be wrong.
    stages : (t, n, k) float
        Logits or probabilities after each of t epochs or boosting stages, of the rows trained on.

    Returns
    -------
    Cartography
        Its `score` is higher where a row should be looked at first.

    Source
    ------
    Swayamdipta, Schwartz, Lourie, Wang, Hajishirzi, Smith, Choi (2020), Dataset cartography, EMNLP.

    Examples
    --------
    >>> stages = np.array([[[0.5, 0.5], [0.4, 0.6]], [[0.9, 0.1], [0.2, 0.8]]])
    >>> seen = cartography(np.array([0, 0]), stages)
    >>> seen.confidence.round(2), seen.variability.round(2), seen.correctness, seen.score.round(2)
    (array([0.7, 0.3]), array([0.2, 0.1]), array([1., 0.]), array([0.3, 0.7]))
    """
    rows = np.arange(len(labels))
    given, right = np.empty((len(stages), len(labels))), np.zeros(len(labels))
    for place in range(len(stages)):
        probs = stage_probs(stages, place)
        given[place] = probs[rows, labels]
        right += probs.argmax(axis=1) == labels
    return Cartography(np.clip(given.mean(axis=0), 0, 1), given.std(axis=0), right / len(stages))


def forgetting(labels: Labels, stages: Stages) -> Score:
    """Doubt in each label: the fraction of the steps of a training at which it was forgotten, or not yet known.

    A forgetting event is a stage that gives another class right after one that gave the given label. Rows that are
    never learnt come first; among the others, those forgotten more often. Many rows tie: it is the coarsest of the
    three scores that look at a training, and needs many stages.

    Parameters as in `cartography`.

    Returns
    -------
    (n,) float in [0, 1]
        1 = never learnt; 0 = learnt at the first stage and never forgotten.

    Source
    ------
    Toneva, Sordoni, Tachet des Combes, Trischler, Bengio, Gordon (2019), An empirical study of example forgetting
    during deep neural network learning, ICLR. Differs: events are divided by their largest possible number, and a
    row not learnt by the last stage adds half an event, so that fewer rows tie.

    Examples
    --------
    Learnt for good; learnt, forgotten and learnt again; never learnt:

    >>> stages = np.array([[[1, 0], [1, 0], [0, 1]], [[1, 0], [0, 1], [0, 1]], [[1, 0], [1, 0], [0, 1]]])
    >>> forgetting(np.array([0, 0, 0]), stages)
    array([0. , 0.4, 1. ])
    """
    knew = np.zeros(len(labels), dtype=bool)
    ever = np.zeros(len(labels), dtype=bool)
    events = np.zeros(len(labels))
    for place in range(len(stages)):
        knows = rows_of_stage(stages, place).argmax(axis=1) == labels
        events += knew & ~knows
        ever |= knows
        knew = knows
    events += 0.5 * ~knew
    return np.where(ever, events / (len(stages) // 2 + 1.5), 1.0)
