"""The fraction of all wrong labels that is flagged: wrong labels are injected, and counted when they come back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from dechaff.core.intervals import clopper_pearson_interval
from dechaff.methods.label_errors.estimates_of_rows import error_odds_of
from dechaff.methods.label_errors.label_error_estimates import LabelErrorEstimates
from dechaff.methods.label_reviews.injected_errors import InjectedErrors, injected_errors
from dechaff.typing import ClassMatrix, Labels, Mask, Numbers, Probs

MOST = 1000
TOO_SURE = 0.75
"""Errors among flagged rows, as a fraction of the sum of their scores, which are too sure if people or rules erred."""

Corrected = Callable[[Numbers, Labels, Labels, Probs], Numbers]
"""Log-odds of being wrong, given labels, suggested ones and probabilities of some rows -> what reviews make of them."""


@dataclass(frozen=True)
class Flagging:
    """Rows, and the rule by which some of them are flagged."""

    judged: LabelErrorEstimates
    labels: Labels = field(repr=False)
    probs: Probs = field(repr=False)
    matrix: ClassMatrix
    """p(given = row | true = column)."""
    log_odds: Numbers = field(repr=False)
    """Log-odds of each row being wrong; infinite if it was reviewed."""
    flag: Mask = field(repr=False)
    most_errors: float
    """Highest number of wrong labels that is possible."""
    corrected: Corrected | None = None
    """How reviews have changed the log-odds; None before them."""


def estimated_recall(rows: Flagging, *, most: int = MOST, seed: int = 0) -> tuple[float, float, float]:
    """Estimated recall of the flags, with the ends of its interval.

    The estimate is the fraction of injected errors that is flagged, drawn from the noise matrix into rows that are
    probably right. Errors that people and rules make where rows are hard, or that the model repeats, are harder to
    see, so it is an upper estimate. The lower end is the number of errors among the flagged rows, by their scores
    (`TOO_SURE`), over the highest number of errors that is possible. The upper end halves the fraction of injected
    errors that is missed, as the rows in which errors are most visible, those of score above one half, get none.
    """
    from scipy.special import expit

    score = expit(rows.log_odds)
    injected = injected_errors(rows.labels, score, rows.matrix, most=most, seed=seed)
    share, high = _came_back(rows, injected)
    found = TOO_SURE * float(score[rows.flag].sum())
    return share, min(share, found / max(rows.most_errors, found, 1.0)), (1 + high) / 2


def _came_back(rows: Flagging, injected: InjectedErrors) -> tuple[float, float]:
    """Fraction of the injected errors that would be flagged, and its exact upper bound; 1 if none was injected."""
    n = len(injected.rows)
    if not n or not rows.flag.any():
        return 0.0, clopper_pearson_interval(0, n)[1] if n else 1.0
    could = np.isfinite(rows.log_odds)
    bound = _bound(rows.log_odds[could], int((rows.flag & could).sum()))
    hits = int((_log_odds(rows, injected) > bound).sum())
    return hits / n, clopper_pearson_interval(hits, n)[1]


def _bound(log_odds: Numbers, flagged: int) -> float:
    """The log-odds that as many rows exceed as are flagged, half-way to the next row."""
    ordered = np.sort(log_odds)[::-1]
    if not flagged:
        return np.inf
    return float(ordered[max(0, flagged - 1) : flagged + 1].mean()) if flagged < len(ordered) else -np.inf


def _log_odds(rows: Flagging, injected: InjectedErrors) -> Numbers:
    """Of rows to be wrong, with their injected labels."""
    probs = rows.probs[injected.rows]
    log_odds, suggested = error_odds_of(rows.judged, injected.labels, probs)
    if rows.corrected is None:
        return log_odds
    return rows.corrected(log_odds, injected.labels, suggested, probs)
