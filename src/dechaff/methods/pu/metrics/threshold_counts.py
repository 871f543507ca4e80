"""What lies above each threshold: all that curves are made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dechaff.errors import InputError
from dechaff.methods.pu.metrics.masks_and_scores import mask, scores_of_rows
from dechaff.methods.pu.metrics.rates import checked_counts
from dechaff.typing import Figures, Mask, Numbers


@dataclass(frozen=True)
class ThresholdCounts:
    """Rows that score at least each threshold, from the highest threshold to the lowest."""

    thresholds: Figures
    labelled: Figures
    unlabelled: Figures

    @property
    def n_labelled(self) -> float:
        """Labelled rows in all."""
        return float(self.labelled[-1])

    @property
    def n_unlabelled(self) -> float:
        """Unlabelled rows in all."""
        return float(self.unlabelled[-1])


def threshold_counts(labelled: Mask, scores: Numbers, weights: Numbers | None) -> ThresholdCounts:
    """Labelled and unlabelled rows above each distinct score.

    Examples
    --------
    >>> found = threshold_counts(np.array([True, False, False]), np.array([0.5, 0.5, 0.2]), None)
    >>> found.thresholds, found.labelled, found.unlabelled
    (array([0.5, 0.2]), array([1., 1.]), array([1., 2.]))
    """
    labelled, scores = mask("labelled", labelled), scores_of_rows("scores", scores)
    counts = checked_counts(labelled, weights, scores=scores)
    if not np.isfinite(scores).all():
        row = int(np.flatnonzero(~np.isfinite(scores))[0])
        raise InputError("scores", "be finite", f"{scores[row]} in row {row}", "Leave out the rows without a score.")
    distinct, place = np.unique(scores, return_inverse=True)
    of_labelled, of_unlabelled = (
        np.bincount(place[kind], counts[kind], minlength=len(distinct))[::-1].cumsum() for kind in (labelled, ~labelled)
    )
    return ThresholdCounts(distinct[::-1].astype(np.float64), of_labelled, of_unlabelled)
