"""Label errors of weighted training rows; duplicates are flagged together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dechaff.methods.label_errors.label_error_estimates import LabelErrorEstimates, estimate_label_errors
from dechaff.typing import Labels, Mask, Numbers, Probs, Score

MOST_REPEATS = 2_000_000
"""Most repeated rows that whole-number weights may make; above it, each row counts once in the estimate."""
_SAME = 1e-9
"""Largest difference between the log-odds of duplicates."""


@dataclass(frozen=True)
class RowLabelErrors:
    """Probable label errors among n rows, and the estimated label noise."""

    score: Score
    """(n,) probability that the label is wrong."""
    flag: Mask
    """(n,) likely errors; duplicates are flagged together."""
    suggested: Labels
    """(n,) the most probable other class."""
    suggested_prob: Numbers
    """(n,) probability of the suggested class."""
    noise: LabelErrorEstimates
    """Noise rate, noise matrix and kind. Its row arrays hold each row as often as its weight says."""


def row_label_errors(labels: Labels, probs: Probs, weights: Numbers | None) -> RowLabelErrors:
    """Label errors of rows with sample weights.

    Weights that are whole numbers count as repeated rows. With any other weights, each row counts once.

    Parameters
    ----------
    labels : (n,) int, 0 … k-1
    probs : (n, k) float, rows sum to 1
        Out-of-sample probabilities.
    weights : (n,) float, above 0, or None for 1 each

    Source
    ------
    As `estimate_label_errors`.

    Examples
    --------
    >>> labels, probs = np.repeat([0, 1], 50), np.repeat([[0.9, 0.1], [0.1, 0.9]], 50, axis=0)
    >>> labels[:5] = 1
    >>> np.flatnonzero(row_label_errors(labels, probs, None).flag)
    array([0, 1, 2, 3, 4])
    """
    times = _repeats(weights)
    if times is None:
        return _of_rows(estimate_label_errors(labels, probs), labels, probs, slice(None))
    noise = estimate_label_errors(labels.repeat(times), probs.repeat(times, axis=0))
    return _of_rows(noise, labels, probs, np.cumsum(times) - times)


def _of_rows(noise: LabelErrorEstimates, labels: Labels, probs: Probs, places: slice | Labels) -> RowLabelErrors:
    log_odds = noise.log_odds[places]
    flag = noise.flag[places]
    if noise.flag.any():
        # The number of flags is the noise rate times n, which may cut a group of duplicates in two.
        last = float(noise.log_odds[noise.flag].min())
        flag = flag | ((log_odds >= last - _SAME) & (probs.argmax(axis=1) != labels))
    return RowLabelErrors(
        score=noise.score[places],
        flag=np.asarray(flag),
        suggested=noise.suggested[places],
        suggested_prob=noise.suggested_prob[places],
        noise=noise,
    )


def _repeats(weights: Numbers | None) -> Labels | None:
    if weights is None or (weights != np.rint(weights)).any() or weights.sum() > max(MOST_REPEATS, 2 * len(weights)):
        return None
    return weights.astype(np.int64)
