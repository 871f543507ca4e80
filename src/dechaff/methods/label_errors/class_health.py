"""Which classes carry wrong labels, and which pairs of classes are taken for one another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_labels_and_probs
from dechaff.core.exact_sum import ExactSum, exact_sum_by, exact_zero
from dechaff.core.fold import SumFold
from dechaff.core.over_arrays import over_arrays
from dechaff.typing import Chunk, ClassMatrix, ClassVector, Labels, Probs


def label_health(joint: ClassMatrix) -> float:
    """Fraction of all labels that are right, in [0, 1]: the diagonal of the joint.

    Parameters
    ----------
    joint : (k, k) float
        Of `posterior_joint`, or a calibrated confident joint.

    Returns
    -------
    float
        1 if every label is right, or there are none.

    Source
    ------
    cleanlab 2.9, ``overall_label_health_score`` of a joint.

    Examples
    --------
    >>> label_health(np.array([[3.0, 1.0], [2.0, 4.0]]))
    0.7
    """
    total = float(joint.sum())
    return float(np.trace(joint)) / total if total > 0 else 1.0


@dataclass(frozen=True)
class OverlappingPairs:
    """Unordered pairs of classes, the most confused first."""

    first: npt.NDArray[np.int64]
    """The class of the lower number."""
    second: npt.NDArray[np.int64]
    rows: npt.NDArray[np.float64]
    """What the joint counts: rows that carry one label of the two and belong to the other class."""


def overlapping_pairs(joint: ClassMatrix) -> OverlappingPairs:
    """Pairs of classes, by the number of rows in which either is given for the other: candidates to merge.

    The joint is as in `label_health`.

    Returns
    -------
    OverlappingPairs
        The k (k - 1) / 2 pairs, most rows first; ties in the order of the classes.

    Source
    ------
    cleanlab 2.9, ``find_overlapping_classes``; its order among ties depends on the processor.

    Examples
    --------
    >>> worst = overlapping_pairs(np.array([[3.0, 1.0, 0.0], [2.0, 5.0, 4.0], [0.0, 0.0, 1.0]]))
    >>> worst.first, worst.second, worst.rows
    (array([1, 0, 0]), array([2, 1, 2]), array([4., 3., 0.]))
    """
    first, second = np.triu_indices(len(joint), k=1)
    rows = np.asarray(joint[first, second] + joint[second, first], dtype=np.float64)
    order = np.argsort(-rows, kind="stable")
    return OverlappingPairs(first[order], second[order], rows[order])


ENOUGH_ROWS = 10
"""Two in each of five folds: fewer give neither a mean nor a disagreement."""


def rare_classes(counts: npt.NDArray[np.int64], *, enough: int = ENOUGH_ROWS) -> ClassVector:
    """How rare each class is: 0 with enough rows, and the nearer to 1 the fewer it has.

    Parameters
    ----------
    counts : (k,) int64, rows of each class
    enough : number of rows from which on a class is not rare

    Returns
    -------
    (k,) float in [0, 1]

    Source
    ------
    Own rule on the number of rows, not on the fraction: what a model needs does not grow with the other classes.

    Examples
    --------
    >>> rare_classes(np.array([500, 4, 0]))
    array([0. , 0.6, 1. ])
    """
    return np.asarray(np.clip(1 - counts / enough, 0.0, 1.0), dtype=np.float64)


@dataclass(frozen=True)
class PosteriorJoint(SumFold[ExactSum]):
    """The fold that adds the posteriors up by given label: expected rows by given and true class."""

    n_classes: int
    columns: ClassVar[tuple[str, ...]] = ("labels", "posterior")

    def init(self) -> ExactSum:
        """No rows."""
        return exact_zero((self.n_classes, self.n_classes))

    def update(self, state: ExactSum, chunk: Chunk) -> ExactSum:
        """Adds each row's posterior to the row of its given label."""
        return state + exact_sum_by(chunk["labels"], chunk["posterior"], self.n_classes)

    def finalize(self, state: ExactSum) -> ClassMatrix:
        """The sums."""
        return state.value()


@dataclass(frozen=True)
class Overlaps:
    """Pairs of classes, the most confused first."""

    given: npt.NDArray[np.int64]
    true: npt.NDArray[np.int64]
    rows: npt.NDArray[np.float64]
    """Expected number of rows that carry the first label and belong to the second class."""


def posterior_joint(labels: Labels, posterior: Probs) -> ClassMatrix:
    """Expected number of rows by given label (row) and true class (column).

    Parameters
    ----------
    labels
        As in `confident_joint`, with its errors.
    posterior : (n, k) float, rows sum to 1
        p(true class | row, given label), of `noise_posterior`.

    Returns
    -------
    (k, k) float
        Row i adds up to the number of labels i.

    Source
    ------
    The expectation step of the noise model of Patrini et al. (2017), CVPR, added up.

    Examples
    --------
    >>> posterior_joint(np.array([0, 0, 1]), np.array([[1.0, 0.0], [0.25, 0.75], [0.0, 1.0]]))
    array([[1.25, 0.75],
           [0.  , 1.  ]])
    """
    labels, posterior = check_labels_and_probs(labels, posterior)
    joint: ClassMatrix = over_arrays(labels=labels, posterior=posterior)(PosteriorJoint(posterior.shape[1]))
    return joint


def class_noise(joint: ClassMatrix) -> ClassVector:
    """Fraction of each class's labels that is wrong; 0 for a class without labels.

    The joint is as in `label_health`.

    Returns
    -------
    (k,) float in [0, 1]

    Source
    ------
    cleanlab 2.9, ``rank_classes_by_label_quality``, "Label Noise".

    Examples
    --------
    >>> class_noise(np.array([[3.0, 1.0], [0.0, 0.0]]))
    array([0.25, 0.  ])
    """
    given = joint.sum(axis=1)
    right = np.diagonal(joint) / np.where(given > 0, given, 1)
    return np.where(given > 0, np.clip(1 - right, 0, 1), 0.0)


def true_class_noise(joint: ClassMatrix) -> ClassVector:
    """Fraction of each class's rows that carry another class's label; 0 for a class without rows.

    Parameter and result as in `class_noise`.

    Source
    ------
    cleanlab 2.9, ``rank_classes_by_label_quality``, "Inverse Label Noise".

    Examples
    --------
    >>> true_class_noise(np.array([[3.0, 1.0], [0.0, 3.0]]))
    array([0.  , 0.25])
    """
    return class_noise(joint.T)


def overlapping_classes(joint: ClassMatrix) -> Overlaps:
    """Pairs of given and true class, by the number of rows in which one is given for the other.

    The joint is as in `label_health`.

    Returns
    -------
    Overlaps
        The k (k - 1) ordered pairs, most rows first; ties in the order of the classes.

    Source
    ------
    cleanlab 2.9, ``find_overlapping_classes(asymmetric=True)``.

    Examples
    --------
    >>> worst = overlapping_classes(np.array([[3.0, 1.0], [2.0, 5.0]]))
    >>> worst.given, worst.true, worst.rows
    (array([1, 0]), array([0, 1]), array([2., 1.]))
    """
    given, true = np.nonzero(~np.eye(len(joint), dtype=bool))
    order = np.argsort(-joint[given, true], kind="stable")
    return Overlaps(given[order], true[order], np.asarray(joint[given, true][order], dtype=np.float64))
