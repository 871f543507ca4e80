"""Which of the training rows are labelled wrong, where rows may count more than once and copies share their fate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dechaff.methods.label_errors.judged_labels import JudgedLabels, judge_labels
from dechaff.typing import Labels, Mask, Numbers, Probs, Score

MOST_REPEATS = 2_000_000
"""Rows written out as often as they count; beyond it, rows count once each while labels are judged."""
_SAME = 1e-9
"""Log-odds that differ by less are those of copies."""


@dataclass(frozen=True)
class Judgement:
    """What is thought of the label of each of n rows, and of the noise as a whole."""

    score: Score
    """Probability that the label is wrong."""
    flag: Mask
    """The likely errors; copies together."""
    suggested: Labels
    """The most probable other class."""
    suggested_prob: Numbers
    """Its probability."""
    noise: JudgedLabels
    """Rate, matrix and kind; its own rows are those that were judged, each as often as it counts."""


def judge_rows(labels: Labels, probs: Probs, weights: Numbers | None) -> Judgement:
    """`judge_labels` of rows of which some count more than once.

    Weights that are whole numbers count as repeats. Others are no numbers of rows, so that each row counts once.

    Parameters
    ----------
    labels : (n,) int, 0 … k-1
    probs : (n, k) float, rows sum to 1
        Out of sample.
    weights : (n,) float, above 0, or None

    Examples
    --------
    >>> labels, probs = np.repeat([0, 1], 50), np.repeat([[0.9, 0.1], [0.1, 0.9]], 50, axis=0)
    >>> labels[:5] = 1
    >>> np.flatnonzero(judge_rows(labels, probs, None).flag)
    array([0, 1, 2, 3, 4])
    """
    times = _repeats(weights)
    if times is None:
        return _judgement(judge_labels(labels, probs), labels, probs, slice(None))
    noise = judge_labels(labels.repeat(times), probs.repeat(times, axis=0))
    return _judgement(noise, labels, probs, np.cumsum(times) - times)


def _judgement(noise: JudgedLabels, labels: Labels, probs: Probs, places: slice | Labels) -> Judgement:
    log_odds = noise.log_odds[places]
    flag = noise.flag[places]
    if noise.flag.any():
        # As many rows are flagged as the noise rate says; copies of the last one go with it.
        last = float(noise.log_odds[noise.flag].min())
        flag = flag | ((log_odds >= last - _SAME) & (probs.argmax(axis=1) != labels))
    return Judgement(
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
