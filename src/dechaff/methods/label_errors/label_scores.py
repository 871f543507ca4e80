"""Doubt in each label by the model's probabilities: self-confidence, margin, entropy; and how these are adjusted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_labels_and_probs
from dechaff.core.over_arrays import map_arrays
from dechaff.core.picked import picked, row_max
from dechaff.methods.label_errors.confident_thresholds import confident_thresholds
from dechaff.typing import Chunk, ClassVector, Labels, Probs, Score


@dataclass(frozen=True)
class SelfConfidence:
    """The row map that picks the probability of each given label, as precise as the probabilities are."""

    columns: ClassVar[tuple[str, ...]] = ("labels", "probs")

    def rows(self, chunk: Chunk) -> npt.NDArray[Any]:
        """The probability of each given label."""
        return picked(chunk["probs"], np.arange(len(chunk["labels"])), chunk["labels"])


@dataclass(frozen=True)
class SelfDoubt:
    """The row map behind `self_doubt`."""

    columns: ClassVar[tuple[str, ...]] = ("labels", "probs")

    def rows(self, chunk: Chunk) -> Score:
        """One minus the probability of each given label."""
        return np.asarray(1 - SelfConfidence().rows(chunk).astype(np.float64))


def self_doubt(labels: Labels, probs: Probs) -> Score:
    """Doubt in each given label: one minus the probability that the model gives it.

    Parameters and errors as in `confident_joint`.

    Returns
    -------
    (n,) float in [0, 1]
        Higher = look at this row first.

    Source
    ------
    Northcutt, Jiang, Chuang (2021), JAIR 70, self-confidence. Differs: one minus it, so that higher is worse.

    Examples
    --------
    >>> self_doubt(np.array([0, 1]), np.array([[0.9, 0.1], [0.8, 0.2]])).round(3)
    array([0.1, 0.8])
    """
    labels, probs = check_labels_and_probs(labels, probs)
    return map_arrays(SelfDoubt(), labels=labels, probs=probs)


@dataclass(frozen=True)
class BestOther:
    """The row map that picks the largest probability of a class that was not given."""

    columns: ClassVar[tuple[str, ...]] = ("labels", "probs")

    def rows(self, chunk: Chunk) -> npt.NDArray[Any]:
        """The best other class's probability, as precise as the probabilities are."""
        others = chunk["probs"].copy()
        others[np.arange(len(others)), chunk["labels"]] = -np.inf
        return row_max(others)


@dataclass(frozen=True)
class MarginDoubt:
    """The row map behind `margin_doubt`."""

    columns: ClassVar[tuple[str, ...]] = ("labels", "probs")

    def rows(self, chunk: Chunk) -> Score:
        """Half of one plus the best other class's lead over each given label."""
        given = SelfConfidence().rows(chunk).astype(np.float64)
        return np.asarray((1 + BestOther().rows(chunk) - given) / 2)


def margin_doubt(labels: Labels, probs: Probs) -> Score:
    """Doubt in each given label: the margin of the most probable other class, brought to [0, 1].

    Unlike `self_doubt` it separates a row in which one other class is likely (an error) from one in which many classes
    are slightly likely (a hard row).

    Parameters and errors as in `confident_joint`.

    Returns
    -------
    (n,) float in [0, 1]
        Higher = look at this row first; above .5 another class is more probable.

    Source
    ------
    Northcutt, Jiang, Chuang (2021), JAIR 70, normalised margin. Differs: one minus it, so that higher is worse.

    Examples
    --------
    >>> margin_doubt(np.array([0, 0]), np.array([[0.4, 0.6, 0.0], [0.4, 0.3, 0.3]])).round(3)
    array([0.6 , 0.45])
    """
    labels, probs = check_labels_and_probs(labels, probs)
    return map_arrays(MarginDoubt(), labels=labels, probs=probs)


_TINY = float(np.finfo(np.float64).tiny)


@dataclass(frozen=True)
class EntropyDoubt:
    """The row map behind `entropy_doubt`."""

    columns: ClassVar[tuple[str, ...]] = ("labels", "probs")

    def rows(self, chunk: Chunk) -> Score:
        """One minus ``log(1 + r) / r`` with r = normalised entropy over the given label's probability."""
        probs = chunk["probs"].astype(np.float64, copy=False)
        entropy = -np.einsum("ij,ij->i", probs, np.log(np.maximum(probs, _TINY))) / np.log(probs.shape[1])
        given = SelfConfidence().rows(chunk).astype(np.float64)
        # For a label of probability 0 the ratio is infinite, also if the row's entropy is 0.
        ratio = np.where(given > 0, np.maximum(entropy, _TINY) / np.maximum(given, _TINY), 1 / _TINY)
        # log1p(r)/r has the limit 1 at 0, where the quotient of two tiny numbers is still exact.
        return np.asarray(np.clip(1 - np.log1p(ratio) / ratio, 0, 1))


def entropy_doubt(labels: Labels, probs: Probs) -> Score:
    """Doubt in each given label: the entropy of the row over the probability of the label, brought to [0, 1].

    Rows of high confidence rank low, even if the model is confident of another class; use it to find hard and ambiguous
    rows.

    Parameters and errors as in `confident_joint`.

    Returns
    -------
    (n,) float in [0, 1]
        Higher = look at this row first.

    Source
    ------
    cleanlab 2.9, confidence-weighted entropy. Differs: one minus it, so that higher is worse; and a probability below a
    millionth is used as it is, while in cleanlab all of them tie.

    Examples
    --------
    >>> entropy_doubt(np.array([0, 0]), np.array([[1.0, 0.0], [0.5, 0.5]])).round(3)
    array([0.   , 0.451])
    """
    labels, probs = check_labels_and_probs(labels, probs)
    return map_arrays(EntropyDoubt(), labels=labels, probs=probs)


@dataclass(frozen=True)
class AdjustedProbs:
    """The row map behind `adjusted_probs`."""

    thresholds: ClassVector
    columns: ClassVar[tuple[str, ...]] = ("probs",)

    def rows(self, chunk: Chunk) -> Probs:
        """Probabilities less their thresholds, brought back above zero and to a sum of one."""
        known = np.isfinite(self.thresholds)
        raised = np.where(known, self.thresholds[known].max(initial=0.0) - np.where(known, self.thresholds, 0.0), 0.0)
        adjusted = chunk["probs"] + raised
        return np.asarray(adjusted / adjusted.sum(axis=1, keepdims=True))


def adjusted_probs(labels: Labels, probs: Probs) -> Probs:
    """Probabilities that mean the same in every class, for the scores of doubt.

    A model may give .9 to every row of one class and .5 to every row of another. The difference between the highest
    confident threshold and that of a class is added to its probabilities, so that no class looks doubtful for that
    reason alone.

    Parameters and errors as in `confident_joint`.

    Returns
    -------
    (n, k) float, rows sum to 1
        ``(p_j - t_j + max t) / sum``; a class that no row is labelled with has no threshold, and gains nothing.

    Source
    ------
    Northcutt, Jiang, Chuang (2021), JAIR 70, thresholds of equation 2; the adjustment as in cleanlab 2.9,
    ``adjust_pred_probs``. Differs: cleanlab gives a class without rows the threshold 2, which is then the highest
    and makes the scores of all rows nearly equal.

    Examples
    --------
    >>> adjusted_probs(np.array([0, 1]), np.array([[0.9, 0.1], [0.5, 0.5]])).round(3)
    array([[0.643, 0.357],
           [0.357, 0.643]])
    """
    labels, probs = check_labels_and_probs(labels, probs)
    return map_arrays(AdjustedProbs(confident_thresholds(labels, probs)), probs=probs)
