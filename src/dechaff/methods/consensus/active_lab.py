"""Which rows another answer would help most."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dechaff.methods.consensus.crowdlab import CrowdLab
from dechaff.typing import Score


def another_answer(found: CrowdLab) -> Score:
    """Doubt in the consensus of each row, after one more answer by an annotator who answers at random.

    So rows with few answers come before rows of equally doubtful consensus with many answers.

    Parameters
    ----------
    found : CrowdLab

    Returns
    -------
    (n,) float in [0, 1]
        Higher = ask for another answer first.

    Source
    ------
    Goh, Mueller (2023), ActiveLab, arXiv 2301.11856. Differs: one minus it, so that higher comes first.

    Examples
    --------
    >>> probs, weights, sums = np.array([[0.9, 0.1], [0.9, 0.1]]), np.full(3, 0.5), np.array([1.5, 0.5])
    >>> another_answer(CrowdLab(probs, np.array([0, 0]), weights, np.ones(1), sums, np.ones(2))).round(2)
    array([0.17, 0.2 ])
    """
    said = found.answer_weight + found.model_weights.sum()
    sure = found.posterior[np.arange(len(said)), found.consensus]
    return _doubt(found, said, sure, found.posterior.shape[1])


def first_answer(found: CrowdLab, models: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The same for rows without an answer, comparable with `another_answer`.

    Parameters
    ----------
    found : CrowdLab
        Of rows with answers.
    models : (e, n, k) float, rows sum to 1
        Probabilities of the other rows by the same models.

    Returns
    -------
    (n,) float in [0, 1]
        Higher = ask for an answer first.

    Source
    ------
    As `another_answer`.

    Examples
    --------
    >>> found = CrowdLab(np.array([[0.9, 0.1]]), np.array([0]), np.full(3, 0.5), np.ones(1), np.ones(1), np.ones(1))
    >>> first_answer(found, np.array([[[0.9, 0.1], [0.5, 0.5]]])).round(2)
    array([0.23, 0.5 ])
    """
    weight = found.model_weights.sum()
    mean = np.tensordot(found.model_weights / weight, models, axes=1)
    return _doubt(found, np.full(len(mean), weight), mean.max(axis=1), mean.shape[1])


def _doubt(found: CrowdLab, said: Score, sure: Score, k: int) -> Score:
    usual = found.annotator_weight.mean()
    return np.asarray(1 - (said * sure + usual / k) / (said + usual))
