"""A map of the rows by how a training went: easy to learn, hard to learn, or undecided."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dechaff.methods.label_evidence.stages import Stages, stage_probs
from dechaff.typing import Labels, Numbers, Score


@dataclass(frozen=True)
class Cartography:
    """Where each row lies on the map."""

    confidence: Numbers
    """(n,) mean over the stages of the probability of the given label."""
    variability: Numbers
    """(n,) standard deviation of the same."""
    correctness: Numbers
    """(n,) share of the stages at which the given label was the most probable."""

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
