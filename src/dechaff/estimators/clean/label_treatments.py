"""Label errors of weighted training rows, and treatments before a model is trained: correct and drop, or reweight."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from dechaff.methods.label_errors.label_error_estimates import LabelErrorEstimates, estimate_label_errors
from dechaff.typing import Labels, Mask, Numbers, Probs

MOST_REPEATS = 2_000_000
"""Most repeated rows that whole-number weights may make; above it, each row counts once in the estimate."""
_SAME = 1e-9
"""Largest difference between the log-odds of duplicates."""


def row_label_errors(labels: Labels, probs: Probs, weights: Numbers | None) -> LabelErrorEstimates:
    """Label errors of rows with sample weights; duplicates are flagged together.

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


def _of_rows(noise: LabelErrorEstimates, labels: Labels, probs: Probs, places: slice | Labels) -> LabelErrorEstimates:
    log_odds = noise.log_odds[places]
    flag = noise.flag[places]
    if noise.flag.any():
        # The number of flags is the noise rate times n, which may cut a group of duplicates in two.
        last = float(noise.log_odds[noise.flag].min())
        flag = flag | ((log_odds >= last - _SAME) & (probs.argmax(axis=1) != labels))
    rows = {name: getattr(noise, name)[places] for name in ("score", "suggested", "suggested_prob")}
    return replace(noise, log_odds=log_odds, flag=np.asarray(flag), **rows)


def _repeats(weights: Numbers | None) -> Labels | None:
    if weights is None or (weights != np.rint(weights)).any() or weights.sum() > max(MOST_REPEATS, 2 * len(weights)):
        return None
    return weights.astype(np.int64)


LEAST_ROWS = 10
"""Rows per class that are never changed, those with the lowest error probability, so that no class is lost."""
SURE = 0.8
"""Smallest probability of the suggested label at which it replaces the given one; as in the balanced policy."""
_LEAST_WEIGHT = 1e-3
"""Smallest weight of a row, because many models refuse a weight of 0."""


@dataclass(frozen=True)
class Treated:
    """Training labels and weights of n rows after a treatment."""

    codes: Labels
    """(n,) int, 0 … k-1."""
    weights: Numbers
    """(n,) float, 0 or more. Multiplies the row's own weight; 0 drops the row."""

    def changes(self, codes: Labels) -> bool:
        """Whether any label or weight differs from the given `codes` (n,) with weights of 1."""
        return bool((self.weights != 1).any() or (self.codes != codes).any())


Treatment = Callable[[Labels, LabelErrorEstimates, Numbers], Treated]
"""``treatment(codes, errors, counts) -> Treated``; `counts` (n,) float is the sample weight of each row."""


def correct(codes: Labels, errors: LabelErrorEstimates, counts: Numbers) -> Treated:
    """Relabel flagged rows whose suggested label is sure; drop those where only the error is probable.

    Parameters
    ----------
    codes : (n,) int, 0 … k-1
        Given labels.
    errors : LabelErrorEstimates of the n rows
    counts : (n,) float, above 0
        Sample weights.

    Source
    ------
    Northcutt, Jiang, Chuang (2021), JAIR 70, pruning. Differs: uses the noise posterior, accepts sure suggestions, and
    never changes the ten rows per class with the lowest score.

    Examples
    --------
    >>> labels, probs = np.repeat([0, 1], 50), np.repeat([[0.9, 0.1], [0.1, 0.9]], 50, axis=0)
    >>> labels[:5] = 1
    >>> correct(labels, row_label_errors(labels, probs, None), np.ones(100)).codes[:6]
    array([0, 0, 0, 0, 0, 0])
    """
    candidates = _candidates(codes, errors, counts)
    sure = candidates & (errors.suggested_prob >= SURE)
    wrong = candidates & ~sure & (errors.score >= 0.5)
    return Treated(np.where(sure, errors.suggested, codes), np.where(wrong, 0.0, 1.0))


def reweight(codes: Labels, errors: LabelErrorEstimates, counts: Numbers) -> Treated:
    """Weight each row by the probability that its label is correct. Parameters as in `correct`.

    Source
    ------
    This library. Near Liu, Tao (2016), TPAMI 38, importance reweighting, which has two classes and known noise rates.
    """
    return Treated(codes, np.maximum(1 - errors.score, _LEAST_WEIGHT))


def reweight_within_classes(codes: Labels, errors: LabelErrorEstimates, counts: Numbers) -> Treated:
    """As `reweight`, with the total weight of each class kept. Parameters as in `correct`.

    Without that, a class with many probable errors would be predicted less often.
    """
    weights = reweight(codes, errors, counts).weights
    before, after = np.bincount(codes, counts), np.bincount(codes, weights * counts)
    return Treated(codes, weights * (before / np.maximum(after, np.finfo(float).tiny))[codes])


def _candidates(codes: Labels, errors: LabelErrorEstimates, counts: Numbers) -> Mask:
    """(n,) flagged rows, without the ten rows of each class that have the lowest score."""
    order = np.lexsort((errors.score, codes))
    sizes = np.bincount(codes)
    starts = np.repeat(np.cumsum(sizes) - sizes, sizes)
    up_to = np.cumsum(counts[order])
    before = up_to - counts[order]
    rank = before - before[starts]
    # The score of the last row that stays; its duplicates stay, too.
    stays = np.where(rank < LEAST_ROWS, errors.score[order], -np.inf)
    bound = np.full(len(sizes), -np.inf)
    np.maximum.at(bound, codes[order], stays)
    return np.asarray(errors.flag & (errors.score > bound[codes] + 1e-12))
