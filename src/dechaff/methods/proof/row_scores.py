"""A metric decomposed into the contributions of the test rows.

Intervals need to know how a metric moves when a test row counts more or less. For accuracy that is plain: the
metric is a mean over rows. The others are ratios; here each is replaced by its influence function, so that
every metric is a mean over rows and one interval serves them all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dechaff.errors import InputError
from dechaff.typing import Labels, Mask, Probs

SMALLEST_PROB = 1e-6
"""Log-loss looks no closer at zero than this: else one row that a model is sure about decides the mean."""
FULL_WEIGHT_CLASSES = 4
"""Up to this many classes, each class has a whole pair of prior rows; more classes share as many pairs."""


@dataclass(frozen=True)
class RowScores:
    """A metric on n test rows: higher is better, and ``rows`` average to ``value``.

    ``right`` and ``wrong`` say what an imagined row would contribute that the model knows or does not know:
    one entry for the whole test set, or one per class where the metric weighs classes equally. ``weight`` is
    the weight of each imagined row. They keep the intervals of small test sets calibrated.
    """

    value: float
    rows: npt.NDArray[np.float64]
    right: npt.NDArray[np.float64]
    wrong: npt.NDArray[np.float64]
    weight: float


def accuracy(labels: Labels, probs: Probs) -> RowScores:
    """Fraction of the rows whose most probable class is the label."""
    return _of_mean((probs.argmax(axis=1) == labels).astype(np.float64), right=1.0, wrong=0.0)


def log_loss(labels: Labels, probs: Probs) -> RowScores:
    """Mean log-probability of the label: the log-loss with its sign turned, so that higher is better."""
    of_label = np.maximum(probs[np.arange(len(labels)), labels], SMALLEST_PROB)
    return _of_mean(np.log(of_label), right=0.0, wrong=-float(np.log(probs.shape[1])))


def balanced_accuracy(labels: Labels, probs: Probs) -> RowScores:
    """Mean over the classes in the test of the fraction of their rows that is found."""
    hit = probs.argmax(axis=1) == labels
    parts = [_recall(labels == c, hit) for c in np.unique(labels)]
    return _of_classes(parts, len(labels))


def f1(labels: Labels, probs: Probs) -> RowScores:
    """Mean over the classes in the test of 2 TP / (predicted + actual), the macro F1."""
    predicted = probs.argmax(axis=1)
    return _of_classes([_f1_of_class(labels == c, predicted == c) for c in np.unique(labels)], len(labels))


def auc(labels: Labels, probs: Probs) -> RowScores:
    """Mean over the classes in the test of the area under the ROC curve, each class against the rest."""
    present = np.unique(labels)
    if len(present) < 2:
        raise InputError(
            "the test rows",
            "contain at least two classes, because auc compares rows of a class with the rest",
            f"{len(present)} among {len(labels)} rows",
            "Use another metric, for instance accuracy, or a test set with all classes.",
        )
    # Of two classes, one against the rest is the other against the rest turned round: one curve, counted once.
    curves = present[1:] if probs.shape[1] == 2 else present
    return _of_classes([_auc_of_class(labels == c, probs[:, c]) for c in curves], len(labels))


METRICS: dict[str, Callable[[Labels, Probs], RowScores]] = {
    "accuracy": accuracy,
    "balanced_accuracy": balanced_accuracy,
    "f1": f1,
    "log_loss": log_loss,
    "auc": auc,
}


def check_metric(metric: str) -> None:
    """An InputError with the list of metrics, unless `metric` is one."""
    if metric not in METRICS:
        raise InputError(
            "metric",
            f"be one of {', '.join(METRICS)}",
            repr(metric),
            "For unbalanced classes, balanced_accuracy or f1 is a good choice.",
        )


def row_scores(metric: str, labels: Labels, probs: Probs) -> RowScores:
    """One metric, decomposed by test rows.

    Parameters
    ----------
    metric : accuracy, balanced_accuracy, f1 (macro), log_loss (sign turned) or auc (one against the rest, macro)
        Higher is better for each.
    labels : (n,) int, 0 … k-1
        Labels of the test rows.
    probs : (n, k) float
        Predictions for them. A label without a column must not occur.

    Raises
    ------
    InputError
        If the metric is unknown, or is `auc` and the test rows hold one class.

    Source
    ------
    Influence functions: Efron (1982), The Jackknife, the Bootstrap and Other Resampling Plans, ch. 6; of the
    AUC: DeLong, DeLong, Clarke-Pearson (1988), Biometrics 44. Averages run over the classes in the test.

    Examples
    --------
    >>> probs = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7]])
    >>> scores = row_scores("accuracy", np.array([0, 1, 1]), probs)
    >>> round(scores.value, 3), scores.rows
    (0.667, array([1., 0., 1.]))
    """
    check_metric(metric)
    return METRICS[metric](labels, probs)


def mean_over_seeds(scores: Sequence[RowScores]) -> RowScores:
    """The scores of an average seed: values and contributions averaged."""
    return RowScores(
        float(np.mean([s.value for s in scores])),
        np.mean([s.rows for s in scores], axis=0),
        np.mean([s.right for s in scores], axis=0),
        np.mean([s.wrong for s in scores], axis=0),
        scores[0].weight,
    )


@dataclass(frozen=True)
class _Part:
    """The metric of one class: its value, and how far each row (real, imagined) pulls it, per unit of n."""

    value: float
    pull: npt.NDArray[np.float64]
    right: float
    wrong: float


def _of_mean(rows: npt.NDArray[np.float64], *, right: float, wrong: float) -> RowScores:
    return RowScores(float(rows.mean()), rows, np.array([right]), np.array([wrong]), 1.0)


def _of_classes(parts: Sequence[_Part], n: int) -> RowScores:
    """The mean of the classes; contributions are value + n * influence, so that they average to the value."""
    k = len(parts)
    value = float(np.mean([p.value for p in parts]))
    rows = value + n / k * np.sum([p.pull for p in parts], axis=0)
    right = value + n / k * np.array([p.right for p in parts])
    wrong = value + n / k * np.array([p.wrong for p in parts])
    return RowScores(value, rows, right, wrong, min(1.0, FULL_WEIGHT_CLASSES / k))


def _recall(inside: Mask, hit: Mask) -> _Part:
    size = inside.sum()
    value = float(hit[inside].mean())
    return _Part(value, inside * (hit - value) / size, (1 - value) / size, -value / size)


def _f1_of_class(inside: Mask, predicted: Mask) -> _Part:
    total = inside.sum() + predicted.sum()
    value = float(2 * (inside & predicted).sum() / total)
    # d F1 / d weight = (2 tp - F1 (predicted + actual)) / total; an imagined unknown row is predicted as nothing.
    pull = (2.0 * (inside & predicted) - value * (inside.astype(np.float64) + predicted)) / total
    return _Part(value, pull, (2 - 2 * value) / total, -value / total)


def _auc_of_class(inside: Mask, score: npt.NDArray[np.float64]) -> _Part:
    ours, others = np.sort(score[inside]), np.sort(score[~inside])
    # Placement: fraction of the other side that a row is on the right side of, ties counted half.
    below = np.searchsorted(others, score, "left") + np.searchsorted(others, score, "right")
    above = 2 * len(ours) - np.searchsorted(ours, score, "left") - np.searchsorted(ours, score, "right")
    placement = np.where(inside, below / (2 * len(others)), above / (2 * len(ours)))
    value = float(placement[inside].mean())
    pull = (placement - value) / np.where(inside, len(ours), len(others))
    return _Part(value, pull, (1 - value) / len(ours), -value / len(ours))
