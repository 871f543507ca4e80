"""How good out-of-sample probabilities are, in the numbers that a report shows: added up part by part."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from dechaff.core.intervals import wilson_interval
from dechaff.models.baseline_guard import LEAST
from dechaff.records.metrics import BaselineFacts, CalibrationBin
from dechaff.typing import Labels, Probs, Score

CALIBRATION_BINS = 10
_Sums = npt.NDArray[np.float64]


def log_losses(codes: Labels, probs: Probs) -> Score:
    """Minus the log of the probability of each row's label (n,).

    Examples
    --------
    >>> log_losses(np.array([0]), np.array([[0.5, 0.5]])).round(3)
    array([0.693])
    """
    return np.asarray(-np.log(np.maximum(probs[np.arange(len(codes)), codes], LEAST)))


@dataclass
class _ScoreSums:
    """Sums over labelled rows: by class, and by ten steps of confidence."""

    n_classes: int
    rows: _Sums = field(init=False)
    hits: _Sums = field(init=False)
    steps: _Sums = field(init=False)
    """(3, steps): rows, confidence and hits of each."""
    loss: float = 0.0

    def __post_init__(self) -> None:
        self.rows, self.hits = np.zeros(self.n_classes), np.zeros(self.n_classes)
        self.steps = np.zeros((3, CALIBRATION_BINS))

    def add(self, codes: Labels, probs: Probs) -> None:
        """Some labelled rows."""
        right, confidence = probs.argmax(axis=1) == codes, probs.max(axis=1)
        step = np.minimum((confidence * CALIBRATION_BINS).astype(np.int64), CALIBRATION_BINS - 1)
        self.rows += np.bincount(codes, minlength=self.n_classes)
        self.hits += np.bincount(codes, weights=right, minlength=self.n_classes)
        self.loss += float(log_losses(codes, probs).sum())
        for place in np.unique(step).tolist():
            mine = step == place
            self.steps[:, place] += mine.sum(), confidence[mine].sum(), right[mine].sum()

    def facts(self) -> BaselineFacts:
        """Accuracy with its interval, balanced accuracy, log-loss, the prior's accuracy, and calibration."""
        n, hits, present = int(self.rows.sum()), int(self.hits.sum()), self.rows > 0
        low, high = map(float, wilson_interval(hits / n, n))
        return BaselineFacts(
            accuracy=hits / n,
            accuracy_low=low,
            accuracy_high=high,
            balanced_accuracy=float((self.hits[present] / self.rows[present]).mean()),
            log_loss=self.loss / n,
            prior_accuracy=float(self.rows.max() / n),
            calibration=tuple(
                CalibrationBin(confidence=confidence / rows, accuracy=right / rows, rows=int(rows))
                for rows, confidence, right in self.steps.T.tolist()
                if rows
            ),
        )


def scores(n_classes: int, parts: Iterable[tuple[Labels, Probs]]) -> BaselineFacts:
    """The figures of all labelled rows; none if there is no such row.

    Parameters
    ----------
    n_classes : k
    parts : codes (n,), -1 = no label, and probabilities (n, k) of some rows each.
    """
    sums = _ScoreSums(n_classes)
    for codes, probs in parts:
        sums.add(codes[codes >= 0], probs[codes >= 0])
    return sums.facts() if sums.rows.sum() else BaselineFacts()
