"""The fraction of all wrong labels that is flagged: wrong labels are injected, and counted when they come back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from dechaff.core.intervals import clopper_pearson_interval
from dechaff.methods.label_errors.estimates_of_rows import error_odds_of
from dechaff.methods.label_errors.label_error_estimates import LabelErrorEstimates
from dechaff.methods.label_reviews.injected_errors import (
    InjectedErrors,
    injected_errors,
    instance_dependent_errors,
)
from dechaff.typing import ClassMatrix, Labels, Mask, Numbers, Probs

MOST = 1000

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
    corrected: Corrected | None = None
    """How reviews have changed the log-odds; None before them."""


def estimated_recall(rows: Flagging, *, most: int = MOST, seed: int = 0) -> tuple[float, float, float]:
    """Estimated recall of the flags, with the ends of its interval.

    If noise depends on the class, by errors drawn from the noise matrix; errors spread evenly over the classes
    show how much rests on the matrix. Where it depends on the row, by errors on the rows that the model confuses; those
    of people may be as much harder to find again as these are than errors drawn from the matrix. The interval spans all
    of that.
    """
    from scipy.special import expit

    labels, score = rows.labels, expit(rows.log_odds)
    share, low, high = _came_back(rows, injected_errors(labels, score, rows.matrix, most=most, seed=seed))
    if rows.judged.kind == "instance-dependent":
        hard = _came_back(rows, instance_dependent_errors(labels, rows.probs, score, most=most, seed=seed))
        return hard[0], max(0.0, min(hard[1], low) - max(share - hard[0], 0.0)), max(hard[2], high)
    even = np.full(rows.matrix.shape, 1 / len(rows.matrix))
    _, even_low, even_high = _came_back(rows, injected_errors(labels, score, even, most=most, seed=seed))
    return share, min(low, even_low), max(high, even_high)


def _came_back(rows: Flagging, injected: InjectedErrors) -> tuple[float, float, float]:
    """Fraction of the injected errors that would be flagged, with its exact interval; anything if none was injected."""
    n = len(injected.rows)
    if not n or not rows.flag.any():
        return 0.0, 0.0, clopper_pearson_interval(0, n)[1] if n else 1.0
    could = np.isfinite(rows.log_odds)
    bound = _bound(rows.log_odds[could], int((rows.flag & could).sum()))
    hits = int((_log_odds(rows, injected) > bound).sum())
    return (hits / n, *clopper_pearson_interval(hits, n))


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
