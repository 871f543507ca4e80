"""How good out-of-sample probabilities are, in the numbers that a report shows."""

from __future__ import annotations

import numpy as np

from dechaff.core.intervals import wilson_interval
from dechaff.models.baseline_guard import LEAST
from dechaff.records.metrics import BaselineFacts, CalibrationBin
from dechaff.typing import Labels, Probs, Score

CALIBRATION_BINS = 10


def log_losses(codes: Labels, probs: Probs) -> Score:
    """Minus the log of the probability of each row's label (n,).

    Examples
    --------
    >>> log_losses(np.array([0]), np.array([[0.5, 0.5]])).round(3)
    array([0.693])
    """
    return np.asarray(-np.log(np.maximum(probs[np.arange(len(codes)), codes], LEAST)))


def balanced_accuracy(codes: Labels, probs: Probs) -> float:
    """Mean over the classes present of the share of their rows that are predicted right."""
    hits = np.bincount(codes, weights=probs.argmax(axis=1) == codes)
    rows = np.bincount(codes)
    present = rows > 0
    return float((hits[present] / rows[present]).mean())


def scores(codes: Labels, probs: Probs) -> BaselineFacts:
    """Accuracy with its interval, balanced accuracy, log-loss, the prior's accuracy, and calibration."""
    hits = int((probs.argmax(axis=1) == codes).sum())
    low, high = wilson_interval(hits / len(codes), len(codes))
    return BaselineFacts(
        accuracy=hits / len(codes),
        accuracy_low=float(low),
        accuracy_high=float(high),
        balanced_accuracy=balanced_accuracy(codes, probs),
        log_loss=float(log_losses(codes, probs).mean()),
        prior_accuracy=float(np.bincount(codes).max() / len(codes)),
        calibration=calibration(codes, probs),
    )


def calibration(codes: Labels, probs: Probs) -> tuple[CalibrationBin, ...]:
    """Confidence and accuracy of the rows, in ten steps of confidence; steps without rows are left out."""
    confidence = probs.max(axis=1)
    right = probs.argmax(axis=1) == codes
    step = np.minimum((confidence * CALIBRATION_BINS).astype(np.int64), CALIBRATION_BINS - 1)
    return tuple(
        CalibrationBin(
            confidence=float(confidence[step == place].mean()),
            accuracy=float(right[step == place].mean()),
            rows=int((step == place).sum()),
        )
        for place in np.unique(step)
    )
