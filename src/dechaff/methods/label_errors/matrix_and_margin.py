"""Label errors by the noise matrix and by the margin, whichever suits the kind of noise; made for labels of tokens."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from dechaff.core.level_shift import level_shift
from dechaff.core.temperature import sharpened
from dechaff.methods.label_errors.label_error_estimates import (
    LabelErrorEstimates,
    estimate_checked_labels,
    estimate_label_errors_with,
)
from dechaff.methods.label_errors.label_scores import margin_doubt
from dechaff.methods.label_errors.noise_posterior import score_of
from dechaff.methods.label_errors.plateau_transition import LEAST_NOISE, plateau_transition
from dechaff.typing import Labels, Mask, Numbers, Probs

BY_MATRIX, BY_MATRIX_IF_ROWS_DECIDE = 0.5, 0.25
"""Weight of the noise matrix where the kind of noise is a guess: class-conditional, or instance-dependent."""
OTHER_CLASS = 0.5
"""Margin above which another class is more probable than the given one."""
LEAST_SHARE = 1 / 3
"""Fraction of wrong labels among those that the model disagrees with, below which its corrections do harm."""


@dataclass(frozen=True)
class BlendedRanks:
    """How two orders of rows make the log-odds of one: by the ranks that a row has among all rows."""

    by_matrix: Numbers = field(repr=False)
    """(n,) log-odds under the noise matrix, in order."""
    margins: Numbers = field(repr=False)
    """(n,) margins, in order."""
    blended: Numbers = field(repr=False)
    """(n,) weighted ranks, in order."""
    weight: float
    """Of the rank under the noise matrix, from 0 to 1."""
    shift: float
    """Added to log-odds, so that the scores add up to the noise rate."""

    @classmethod
    def of(cls, by_matrix: Numbers, margins: Numbers, *, weight: float, rate: float) -> BlendedRanks:
        """The blend for all rows."""
        blend = cls(np.sort(by_matrix), np.sort(margins), np.zeros(0), weight, 0.0)
        blend = replace(blend, blended=np.sort(blend._ranks(by_matrix, margins)))
        return replace(blend, shift=level_shift(blend.log_odds(by_matrix, margins), rate * len(margins)))

    def log_odds(self, by_matrix: Numbers, margins: Numbers) -> Numbers:
        """Of some rows, the same or others: those that the noise matrix gives the row of their blended rank."""
        places = _rank(self.blended, self._ranks(by_matrix, margins))
        return np.interp(places, np.arange(len(self.by_matrix)), self.by_matrix) + self.shift

    def _ranks(self, by_matrix: Numbers, margins: Numbers) -> Numbers:
        matrix, margin = _rank(self.by_matrix, by_matrix), _rank(self.margins, margins)
        return np.asarray(self.weight * matrix + (1 - self.weight) * margin)


def _rank(ordered: Numbers, values: Numbers) -> Numbers:
    """Place among the ordered values; the middle one of equal ones."""
    left, right = np.searchsorted(ordered, values), np.searchsorted(ordered, values, side="right")
    return np.asarray((left + np.maximum(right, left + 1) - 1) / 2)


@dataclass(frozen=True)
class MatrixAndMargin:
    """What is wrong with the labels of n rows."""

    estimates: LabelErrorEstimates
    blend: BlendedRanks | None = field(repr=False)
    """None if there are no rows."""
    reliable: bool
    """Whether at least a third of the labels that the model disagrees with are estimated to be wrong."""

    def log_odds(self, by_matrix: Numbers, labels: Labels, probs: Probs) -> Numbers:
        """Of rows whose log-odds under the noise matrix are known, as for those that were judged."""
        return by_matrix if self.blend is None else self.blend.log_odds(by_matrix, margin_doubt(labels, probs))


def judge_by_matrix_and_margin(labels: Labels, probs: Probs) -> MatrixAndMargin:
    """The rows whose label is probably wrong, and whether the model is good enough to correct them.

    Most tokens carry one class, and a tagger confuses the others. Where labels go wrong by class (entities are
    forgotten, types mixed up), the noise matrix orders tokens best; where they go wrong by row (borders of spans), the
    margin does. Both orders are blended by how sure the kind of noise is. The matrix is half the plateau's, also if
    the noise has no direction: two types that are swapped both ways have none.

    Rows are flagged if they are more likely wrong than right and another class is more probable, but not more of them
    than the noise rate says; if the noise is instance-dependent, half-way from its lower end, as some of it is the
    model's own.

    Parameters
    ----------
    labels : (n,) int, 0 … k-1
        Given labels; may be wrong.
    probs : (n, k) float, rows sum to 1
        Out-of-sample probabilities.

    Returns
    -------
    MatrixAndMargin

    Source
    ------
    This library: `estimate_label_errors`, `plateau_transition` and `margin_doubt`, blended by mean rank as in Borda
    (1781). Measured beside cleanlab 2.9 in ``benchmarks/token_errors.py``; weights chosen on other draws.

    Examples
    --------
    >>> labels, probs = np.repeat([0, 1], 50), np.repeat([[0.9, 0.1], [0.1, 0.9]], 50, axis=0)
    >>> labels[:5] = 1
    >>> found = judge_by_matrix_and_margin(labels, probs)
    >>> np.flatnonzero(found.estimates.flag), found.reliable
    (array([0, 1, 2, 3, 4]), True)
    """
    read = estimate_checked_labels(labels, probs)
    if not len(labels):
        return MatrixAndMargin(read, None, True)
    known = estimate_label_errors_with(labels, probs, transition=_transition(read, labels, probs), rate=read.rate)
    margins = margin_doubt(labels, probs)
    blend = BlendedRanks.of(known.log_odds, margins, weight=_weight(read), rate=read.rate)
    log_odds = blend.log_odds(known.log_odds, margins)
    other = margins > OTHER_CLASS
    flag = _most_doubtful(log_odds, round(len(labels) * _believed_rate(read))) & (log_odds > 0) & other
    known = replace(known, log_odds=log_odds, score=score_of(log_odds), flag=flag)
    known = replace(known, rate_low=read.rate_low, rate_high=read.rate_high)
    return MatrixAndMargin(known, blend, bool(read.rate >= LEAST_SHARE * other.mean()))


def _weight(read: LabelErrorEstimates) -> float:
    if read.kind == "instance-dependent":
        return BY_MATRIX_IF_ROWS_DECIDE * (1 - read.kind_sure)
    return BY_MATRIX + (1 - BY_MATRIX) * read.kind_sure


def _believed_rate(read: LabelErrorEstimates) -> float:
    return (read.rate + read.rate_low) / 2 if read.kind == "instance-dependent" else read.rate


def _most_doubtful(log_odds: Numbers, n: int) -> Mask:
    flag = np.zeros(len(log_odds), dtype=bool)
    flag[np.argsort(-log_odds, kind="stable")[:n]] = True
    return flag


def _transition(read: LabelErrorEstimates, labels: Labels, probs: Probs) -> Probs:
    counted = 1 - float(np.trace(read.joint)) / len(labels)
    calibrated = sharpened(probs, power=1 / read.temperature)
    seen = plateau_transition(labels, calibrated, noise_rate=max(counted, LEAST_NOISE))
    return np.asarray((read.transition + seen) / 2)
