"""Every loss returns the gradient of its formula, and the corrections are what their theorems say."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.special import softmax

from dechaff.methods.noise_robust.backward_correction import BackwardCorrection
from dechaff.methods.noise_robust.bootstrapping import HardBootstrapping
from dechaff.methods.noise_robust.forward_correction import ForwardCorrection
from dechaff.methods.noise_robust.generalised_cross_entropy import GeneralisedCrossEntropy
from dechaff.methods.noise_robust.label_smoothing import LabelSmoothing
from dechaff.methods.noise_robust.symmetric_cross_entropy import SymmetricCrossEntropy
from dechaff.methods.noise_robust.training import CrossEntropy, Loss

T = np.array([[0.7, 0.1, 0.0], [0.2, 0.8, 0.3], [0.1, 0.1, 0.7]])
RNG = np.random.default_rng(0)
LOGITS = RNG.normal(size=(9, 3))
TARGETS = np.eye(3)[np.arange(9) % 3]


def of_label(p: np.ndarray, t: np.ndarray) -> np.ndarray:
    return (p * t).sum(axis=1)


def bootstrapped(p: np.ndarray, t: np.ndarray) -> np.ndarray:
    return -((0.8 * t + 0.2 * np.eye(3)[p.argmax(axis=1)]) * np.log(p)).sum(axis=1)


FORMULAS: dict[str, tuple[Loss, Callable[[np.ndarray, np.ndarray], np.ndarray]]] = {
    "cross-entropy": (CrossEntropy(), lambda p, t: -np.log(of_label(p, t))),
    "forward": (ForwardCorrection(T), lambda p, t: -np.log(of_label(p @ T.T, t))),
    "backward": (BackwardCorrection(T), lambda p, t: -(t @ np.linalg.inv(T).T * np.log(p)).sum(axis=1)),
    "generalised": (GeneralisedCrossEntropy(0.7), lambda p, t: (1 - of_label(p, t) ** 0.7) / 0.7),
    "symmetric": (SymmetricCrossEntropy(), lambda p, t: -0.1 * np.log(of_label(p, t)) + 4 * (1 - of_label(p, t))),
    "smoothing": (LabelSmoothing(0.1), lambda p, t: -((0.9 * t + 0.1 / 3) * np.log(p)).sum(axis=1)),
    "bootstrapping": (HardBootstrapping(0.8), bootstrapped),
}


@pytest.mark.parametrize("name", FORMULAS)
def test_the_slope_is_the_gradient_of_the_formula(name: str) -> None:
    loss, formula = FORMULAS[name]
    slope, step = loss.slope(softmax(LOGITS, axis=1), TARGETS), 1e-6
    for column in range(3):
        moved = step * np.eye(3)[column]
        above, below = (formula(softmax(LOGITS + sign * moved, axis=1), TARGETS) for sign in (1, -1))
        np.testing.assert_allclose(slope[:, column], (above - below) / (2 * step), atol=1e-6)


def test_backward_correction_is_unbiased() -> None:
    """Averaged over the noise, its gradient is that of the true label (theorem 1 of Patrini et al.)."""
    probs = softmax(LOGITS, axis=1)
    per_label = np.stack([BackwardCorrection(T).slope(probs, np.tile(label, (9, 1))) for label in np.eye(3)])
    for true in range(3):
        expected = np.tensordot(T[:, true], per_label, axes=1)
        np.testing.assert_allclose(expected, probs - np.eye(3)[true], atol=1e-9)


def test_forward_correction_is_least_at_the_true_probabilities() -> None:
    """Theorem 2: where the labels have the distribution T q, the gradient vanishes at p = q."""
    true = softmax(LOGITS, axis=1)
    np.testing.assert_allclose(ForwardCorrection(T).slope(true, true @ T.T), 0, atol=1e-9)


def test_the_generalised_loss_ends_at_cross_entropy_and_absolute_error() -> None:
    probs = softmax(LOGITS, axis=1)
    near = GeneralisedCrossEntropy(1e-9).slope(probs, TARGETS)
    np.testing.assert_allclose(near, CrossEntropy().slope(probs, TARGETS), atol=1e-6)
    absolute = SymmetricCrossEntropy(alpha=0, beta=0.25).slope(probs, TARGETS)
    np.testing.assert_allclose(GeneralisedCrossEntropy(1.0).slope(probs, TARGETS), absolute, atol=1e-9)
