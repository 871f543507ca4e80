"""Numbers with their intervals and how they are printed; the effect of reviews: order, corrected scores, budget."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.api.labels.reviews import Reviews
from dechaff.core.intervals import is_informative
from dechaff.errors import InputError
from dechaff.methods.label_reviews.better_flag import better_flag
from dechaff.methods.label_reviews.review_budget import (
    UNPROVEN,
    UNTOLD,
    Budget,
    covariance_excursions,
    level_excursions,
    review_budget,
)
from dechaff.methods.label_reviews.review_corrections import JudgedRows
from dechaff.methods.label_reviews.review_strata import ReviewStrata, review_order, review_strata
from dechaff.methods.label_reviews.reviewed_bands import reviewed_bands
from dechaff.methods.label_reviews.sampled_level import sampled_level
from dechaff.methods.label_reviews.updated_scores import ScoreUpdate, updated_scores
from dechaff.typing import Mask, Numbers, Rows, Score


@dataclass(frozen=True)
class Estimate:
    """A number, or an array of numbers, with its 95 % interval.

    Examples
    --------
    >>> rate = Estimate(0.1, 0.08, 0.12)
    >>> rate, float(rate), f"{rate:.0%}"
    (0.1 (0.08 to 0.12), 0.1, '10%')
    """

    value: Any
    low: Any
    high: Any

    def __float__(self) -> float:
        return float(self.value)

    def __format__(self, spec: str) -> str:
        return format(float(self.value), spec) if spec else str(self)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> npt.NDArray[Any]:
        return np.array(self.value, dtype=dtype)

    def __repr__(self) -> str:
        if np.ndim(self.value):
            return f"Estimate of shape {np.shape(self.value)}:\n{np.round(self.value, 3)}"
        return f"{_short(self.value)} ({_short(self.low)} to {_short(self.high)})"


def _short(number: float) -> str:
    return f"{number:.0f}" if abs(number) >= 10 else f"{number:.3g}"


@dataclass(frozen=True)
class Stopping:
    """Whether to continue reviewing, and why.

    Examples
    --------
    >>> decision = Stopping(False, "Continue: about 12 more.", Estimate(12, 8, 16), Estimate(40, 30, 50))
    >>> bool(decision), decision
    (False, Continue: about 12 more.)
    """

    stop: bool
    why: str
    next_errors: Estimate
    """Errors in the next rows."""
    remaining: Estimate
    """Errors in all rows without a review."""

    def __bool__(self) -> bool:
        return self.stop

    def __repr__(self) -> str:
        return self.why


REVIEWS_THAT_PROVE = 400
"""After this many reviews the variance of untested scores has halved."""


@dataclass(frozen=True)
class ReviewDesign:
    """The strata of items, and the order in which they are drawn for review."""

    strata: ReviewStrata
    order: Rows

    @classmethod
    def of(cls, score: Score, flag: Mask, *, reviewable: Mask, seed: int) -> ReviewDesign:
        """From scores that no review has touched."""
        strata = review_strata(score, flag, reviewable=reviewable)
        return cls(strata, review_order(strata, seed=seed))

    def precision(self, reviews: Reviews, among: Mask, *, leave_out: int = 0) -> Estimate:
        """Fraction of wrong items among some, by the reviews; `leave_out` of them are known to be right."""
        bands = reviewed_bands(self.strata, self.order, reviews.rows, reviews.wrong, among=among)
        rows = max(int(bands.rows.sum()) - leave_out, 1)
        return Estimate(*(min(errors / rows, 1.0) for errors in bands.errors()))


@dataclass(frozen=True)
class ReviewUpdate:
    """Scores and flags after reviews."""

    scores: ScoreUpdate
    log_odds: Numbers = field(repr=False)
    """Of all items, the reviewed ones as if unreviewed."""
    flag: Mask = field(repr=False)
    """The same for flags."""
    reviews: int
    """How many items were reviewed."""
    information: float
    """Fisher information of the reviews on a shift of all log-odds: one over its variance."""
    words: tuple[str, ...]

    @classmethod
    def of(cls, rows: JudgedRows, flag: Mask, reviews: Reviews, *, seed: int) -> ReviewUpdate | None:
        """None if there are fewer than two reviews."""
        if len(reviews) < 2:
            return None
        from scipy.special import expit

        scores = updated_scores(rows, reviewed=reviews.rows, wrong=reviews.wrong, seed=seed)
        odds = scores.log_odds(rows)
        unread = np.ones(len(odds), dtype=bool)
        unread[reviews.rows] = False
        updated = np.zeros(len(odds), dtype=bool)
        updated[unread] = better_flag(odds[unread], flag[unread], reviews=len(reviews))
        updated[~unread] = odds[~unread] >= (odds[updated].min() if updated.any() else np.inf)
        words = (f"{int(reviews.wrong.sum()):,} of {len(reviews):,} reviews found a wrong label; "
                 f"they change the scores with a weight of {scores.weight:.2f}.",)  # fmt: skip
        chance = expit(odds[reviews.rows])
        return cls(scores, odds, updated, len(reviews), float(chance @ (1 - chance)), words)


def budget_of(unread: Numbers, rows: Rows, n_errors: Estimate, update: ReviewUpdate | None) -> Budget:
    """Errors among the first unread items, for each number of `rows`."""
    information, reviews = (0.0, 0) if update is None else (update.information, update.reviews)
    excursions = level_excursions(unread, n_errors.low, n_errors.high, information=information)
    if update is not None:
        excursions = np.concatenate([excursions, covariance_excursions(update.scores.covariance)])
    unproven = UNPROVEN / math.sqrt(1 + reviews / REVIEWS_THAT_PROVE)
    return review_budget(unread, rows, excursions=excursions, unproven=unproven)


def budget_by_sample(
    budget: Budget, ranked: Rows, design: ReviewDesign, reviews: Reviews, update: ReviewUpdate
) -> Budget:
    """The budget of updated scores, corrected by the drawn sample, with intervals that hold both."""
    from scipy.special import expit

    score = expit(update.log_odds)
    level = sampled_level(score, design.strata, design.order, reviewed=reviews.rows, wrong=reviews.wrong)
    found = np.array([level.errors(score, ranked[:rows]) for rows in budget.rows]).reshape(-1, 2)
    errors = np.maximum.accumulate(found[:, 0])
    low = np.minimum(budget.low, np.maximum(errors - found[:, 1], 0))
    high = np.maximum(budget.high, np.minimum(errors + found[:, 1], budget.rows))
    return Budget(budget.rows, errors, low, high)


REVIEWS_TO_STOP = 30
"""Fewer leave the level of the scores uncertain by more than a factor of two."""


def stopping(
    budget: Callable[[Sequence[int]], Budget], read: int, unread: int, *, least: float, batch: int
) -> Stopping:
    """Stop if the next rows hold fewer errors than it takes to be worth reviewing them.

    After few reviews one that contradicts a sure score moves all scores: then the upper end of the interval counts.
    """
    if not 0 < least < 1 or batch < 1:
        raise InputError(
            "least and batch", "be a fraction between 0 and 1, and a number of rows", f"{least} and {batch}",
            "Pass should_stop(least=0.05, batch=50) to continue while one row in 20 is wrong.",
        )  # fmt: skip
    found = budget([min(batch, unread), unread])
    coming, remaining = (
        Estimate(float(found.errors[place]), float(found.low[place]), float(found.high[place])) for place in (0, 1)
    )
    rows = int(found.rows[0])
    if not rows:
        return Stopping(True, "Stop: every row has been reviewed.", coming, remaining)
    stop = (coming.high if 0 < read < REVIEWS_TO_STOP else coming.value) < least * max(rows, 1)
    next_rows = f"about {coming.value:.1f} ({coming.low:.1f} to {coming.high:.1f}) of the next {rows:,} rows are wrong"
    if not is_informative(coming.value, coming.low, coming.high, of=rows):
        next_rows = f"how many of the next {rows:,} rows are wrong {UNTOLD}"
    left = f"About {remaining.value:,.0f} ({remaining.low:,.0f} to {remaining.high:,.0f}) wrong labels are left"
    if not is_informative(remaining.value, remaining.low, remaining.high, of=unread):
        left = f"At most {remaining.high:,.0f} wrong labels are left"
    too_few = f"{read} of {REVIEWS_TO_STOP} reviews that it takes to stop; " if coming.value < least * rows else ""
    advice = "Stop: " if stop else f"Continue: {too_few}"
    why = (
        f"{advice}{next_rows}; below {least * rows:.1f}, reviewing them is not worth it. "
        f"{left} among the {unread:,} unreviewed rows."
    )
    return Stopping(bool(stop), why, coming, remaining)
