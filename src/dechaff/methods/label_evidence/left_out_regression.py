"""A linear model of the labels on an embedding, each row predicted as if it had been left out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from dechaff.typing import Features, Labels, Probs

POWERS = tuple(float(2 ** (power / 4)) for power in range(-8, 5))
"""Powers of a model's probabilities, from a quarter to two."""
_LEAST = 1e-6


def fitted_softmax(
    values: npt.NDArray[np.float64], labels: Labels, *, sharpness: Sequence[float]
) -> tuple[Probs, float]:
    """The softmax of the values times the number of greatest likelihood, and the mean log-likelihood of the labels.

    Examples
    --------
    >>> probs, fit = fitted_softmax(np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([0, 1]), sharpness=[0.0, 1.0])
    >>> probs, round(fit, 2)
    (array([[0.5, 0.5],
           [0.5, 0.5]]), -0.69)
    """
    rows = np.arange(len(labels))
    best, best_fit = np.zeros_like(values), -np.inf
    for factor in sharpness:
        logits = factor * values
        logits = logits - logits.max(axis=1, keepdims=True)
        logs = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
        fit = float(logs[rows, labels].mean())
        if fit > best_fit:
            best, best_fit = np.exp(logs), fit
    return best, best_fit


def tempered(probs: Probs, labels: Labels) -> Probs:
    """Probabilities made as sure as the labels allow."""
    logs = np.log(np.maximum(probs.astype(np.float64, copy=False), _LEAST))
    return fitted_softmax(logs, labels, sharpness=POWERS)[0]


PENALTIES = (1e-3, 1e-2, 1e-1)
"""Tried in turn, for features of unit spread and one row; the likelihood of the labels left out decides."""
SHARPNESS = tuple(float(2 ** (power / 2)) for power in range(0, 11))
"""Regression leaves [0, 1], so its values are the logits of a softmax, times the one of these numbers that fits."""
_MOST_LEVERAGE = 1 - 1e-6

_Matrix = npt.NDArray[np.float64]


def left_out_regression(labels: Labels, features: Features, n_classes: int) -> Probs:
    """p(given label | row) by ridge regression on one column per class, without the row and its exact copies.

    All n models that leave one row out cost as much as one: with the leverage h of a row that occurs c times, the
    prediction without it is ``(f - h s) / (1 - c h)``, where f is the fit and s the sum of the copies' own targets.
    Up to rounding the answer is what n fits would give.

    Parameters
    ----------
    labels : (n,) int, 0 … k-1
        Given labels; may be wrong.
    features : (n, d) float
    n_classes : k

    Returns
    -------
    (n, k) float, rows sum to 1

    Source
    ------
    Allen (1974), The relationship between variable selection and data augmentation, Technometrics 16 (PRESS).
    Differs: copies are left out together.

    Examples
    --------
    The third row lies among rows of the other class:

    >>> features = np.array([[-1.0], [-1.1], [-0.9], [1.0], [1.1], [0.9]])
    >>> left_out_regression(np.array([0, 0, 1, 1, 1, 1]), features, 2).round(1)[[2, 5]]
    array([[0.8, 0.2],
           [0.2, 0.8]])
    """
    rows = _with_constant(features)
    targets = np.eye(n_classes)[labels]
    copies, members = _copies(features)
    own = np.zeros((len(members), n_classes))
    np.add.at(own, copies, targets)
    roots, axes = np.linalg.eigh(rows.T @ rows)
    turned = rows @ axes
    pull = turned.T @ targets
    best, best_fit = np.zeros_like(targets), -np.inf
    for penalty in PENALTIES:
        shrunk = 1.0 / (np.maximum(roots, 0.0) + penalty * len(rows))
        leverage = np.square(turned) @ shrunk
        left = (turned @ (shrunk[:, None] * pull)) - leverage[:, None] * own[copies]
        left /= 1 - np.minimum(leverage * members[copies], _MOST_LEVERAGE)[:, None]
        probs, fit = fitted_softmax(left, labels, sharpness=SHARPNESS)
        if fit > best_fit:
            best, best_fit = probs, fit
    return best


def _with_constant(features: Features) -> _Matrix:
    """Centred, the whole matrix scaled to unit spread, and a constant column."""
    rows = np.asarray(features, dtype=np.float64)
    centred = rows - rows.mean(axis=0)
    spread = centred.std()
    return np.column_stack([centred / (spread if spread > 0 else 1.0), np.ones(len(rows))])


def _copies(features: Features) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The number of each row's group of equal rows, and how many rows each group has."""
    solid = np.ascontiguousarray(features)
    as_bytes = solid.view(np.dtype((np.void, solid.dtype.itemsize * solid.shape[1]))).ravel()
    _, group, members = np.unique(as_bytes, return_inverse=True, return_counts=True)
    return group.astype(np.int64), members.astype(np.int64)
