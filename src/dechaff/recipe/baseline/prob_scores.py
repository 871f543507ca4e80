"""How good the predictions of all rows are, added up part by part."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dechaff.core.intervals import wilson_interval
from dechaff.recipe.baseline.prob_parts import ProbParts
from dechaff.recipe.baseline.scores import CALIBRATION_BINS, log_losses
from dechaff.records.metrics import BaselineFacts, CalibrationBin
from dechaff.typing import Labels, Probs

_Sums = np.ndarray[Any, np.dtype[np.float64]]


@dataclass
class ProbScores:
    """Sums over labelled rows."""

    n_classes: int
    rows: _Sums = field(init=False)
    hits: _Sums = field(init=False)
    bins: _Sums = field(init=False)
    loss: float = 0.0

    def __post_init__(self) -> None:
        self.rows, self.hits = np.zeros(self.n_classes), np.zeros(self.n_classes)
        self.bins = np.zeros((3, CALIBRATION_BINS))

    def add(self, codes: Labels, probs: Probs) -> None:
        """Some labelled rows."""
        right = probs.argmax(axis=1) == codes
        confidence = probs.max(axis=1)
        step = np.minimum((confidence * CALIBRATION_BINS).astype(np.int64), CALIBRATION_BINS - 1)
        self.rows += np.bincount(codes, minlength=self.n_classes)
        self.hits += np.bincount(codes, weights=right, minlength=self.n_classes)
        self.loss += float(log_losses(codes, probs).sum())
        for place, weights in enumerate((None, confidence, right.astype(np.float64))):
            self.bins[place] += np.bincount(step, weights=weights, minlength=CALIBRATION_BINS)

    def facts(self) -> BaselineFacts:
        """As the report has them."""
        n, hits, present = int(self.rows.sum()), int(self.hits.sum()), self.rows > 0
        low, high = map(float, wilson_interval(hits / n, n))
        filled = np.flatnonzero(self.bins[0])
        return BaselineFacts(
            accuracy=hits / n,
            accuracy_low=low,
            accuracy_high=high,
            balanced_accuracy=float((self.hits[present] / self.rows[present]).mean()),
            log_loss=self.loss / n,
            prior_accuracy=float(self.rows.max() / n),
            calibration=tuple(
                CalibrationBin(
                    confidence=float(self.bins[1, place] / self.bins[0, place]),
                    accuracy=float(self.bins[2, place] / self.bins[0, place]),
                    rows=int(self.bins[0, place]),
                )
                for place in filled.tolist()
            ),
        )


def prob_scores(parts: ProbParts) -> BaselineFacts:
    """The figures of all labelled rows; none where there is no such row."""
    scores = ProbScores(parts.n_classes)
    for part in parts.parts():
        labelled = part.codes >= 0
        scores.add(part.codes[labelled], part.probs[labelled])
    return scores.facts() if scores.rows.sum() else BaselineFacts()
