"""What reviews make of judged labels: the sample, the lesson, the budget, the stop, the planted errors."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from dechaff.api.label_estimates import Budget, Estimate, Stopping
from dechaff.api.label_evidence import Judgement
from dechaff.api.label_inputs import LabelInputs
from dechaff.api.label_verdicts import Verdicts
from dechaff.errors import InputError
from dechaff.methods.label_errors.judged_labels import JudgedLabels
from dechaff.methods.label_reviews.better_flag import better_flag
from dechaff.methods.label_reviews.review_budget import (
    UNPROVEN,
    covariance_excursions,
    level_excursions,
    review_budget,
)
from dechaff.methods.label_reviews.review_corrections import JudgedRows
from dechaff.methods.label_reviews.review_strata import ReviewStrata, review_order, review_strata
from dechaff.methods.label_reviews.reviewed_bands import ReviewedBands, reviewed_bands
from dechaff.methods.label_reviews.row_evidence import row_evidence
from dechaff.methods.label_reviews.sampled_level import sampled_level
from dechaff.methods.label_reviews.updated_joint import updated_joint
from dechaff.methods.label_reviews.updated_scores import ScoreUpdate, updated_scores
from dechaff.recipe.estimated_recall import Flagging, estimated_recall
from dechaff.typing import ClassMatrix, Labels, Mask, Numbers, Probs, Rows

if TYPE_CHECKING:
    from dechaff.api.label_errors import LabelErrors

_TINY = 1e-300
REVIEWS_THAT_PROVE = 400
"""After so many reviews the doubt about scores that nobody has tested has halved in variance."""


@dataclass(frozen=True)
class Design:
    """The bands of rows, and the order in which they are drawn for review."""

    strata: ReviewStrata
    order: Rows

    @classmethod
    def of(cls, judged: JudgedLabels, *, seed: int) -> Design:
        """From scores that no review has touched."""
        strata = review_strata(judged.score, judged.flag)
        return cls(strata, review_order(strata, seed=seed))


@dataclass(frozen=True)
class ErrorsAmong:
    """What reviews say of the wrong rows among some."""

    bands: ReviewedBands

    def precision(self, leave_out: int) -> Estimate:
        """Share of wrong rows; `leave_out` rows are known to be right and no longer in the set."""
        rows = max(int(self.bands.rows.sum()) - leave_out, 1)
        return Estimate(*(min(errors / rows, 1.0) for errors in self.bands.errors()))


def errors_among(design: Design, verdicts: Verdicts, labels: Labels, among: Mask) -> ErrorsAmong:
    """Wrong rows among some, by the reviews that follow the draw, and those that do not."""
    wrong = verdicts.wrong(labels)
    return ErrorsAmong(reviewed_bands(design.strata, design.order, verdicts.rows, wrong, among=among))


@dataclass(frozen=True)
class Lesson:
    """What reviews have taught."""

    taught: ScoreUpdate
    log_odds: Numbers = field(repr=False)
    """Of all rows, the reviewed ones as if nobody had read them."""
    flag: Mask = field(repr=False)
    """The same for flags."""
    joint: ClassMatrix = field(repr=False)
    """Expected rows by given and true class, reviewed ones as people said."""
    reviews: int
    """How many rows were read."""
    information: float
    """What they tell of a shift of all log-odds: one over its variance."""
    words: tuple[str, ...]

    def corrected(self, log_odds: Numbers, labels: Labels, suggested: Labels, probs: Probs) -> Numbers:
        """Log-odds of any rows, after the reviews."""
        return self.taught.log_odds(JudgedRows(log_odds, labels, suggested, row_evidence(labels, probs)))

    def noise_matrix(self, judged: JudgedLabels) -> Estimate:
        """T after the reviews; the interval of before, widened to hold it."""
        columns = self.joint.sum(axis=0, keepdims=True)
        matrix = np.where(columns > 0, self.joint / np.maximum(columns, _TINY), np.eye(len(self.joint)))
        low, high = np.minimum(judged.transition_low, matrix), np.maximum(judged.transition_high, matrix)
        return Estimate(matrix, low, high)


def learned(inputs: LabelInputs, judgement: Judgement, verdicts: Verdicts, *, seed: int) -> Lesson | None:
    """The lesson of the reviews; None where there are fewer than two."""
    if len(verdicts.rows) < 2:
        return None
    from scipy.special import expit

    judged = judgement.judged
    rows = _judged_rows(judged, inputs.labels, judgement.probs)
    wrong = verdicts.wrong(inputs.labels)
    taught = updated_scores(rows, reviewed=verdicts.rows, wrong=wrong, seed=seed)
    odds = taught.log_odds(rows)
    unread = np.ones(len(odds), dtype=bool)
    unread[verdicts.rows] = False
    flag = np.zeros(len(odds), dtype=bool)
    flag[unread] = better_flag(odds[unread], judged.flag[unread], reviews=len(verdicts.rows))
    flag[~unread] = odds[~unread] >= (odds[flag].min() if flag.any() else np.inf)
    words = (f"{len(verdicts.rows):,} reviews, of which {int(wrong.sum()):,} found a wrong label; "
             f"they change the scores with a weight of {taught.share:.2f}.",)  # fmt: skip
    joint = updated_joint(
        judged.expected_joint, inputs.labels, judged.suggested, judged.log_odds, odds,
        reviewed=verdicts.rows, true=verdicts.true,
    )  # fmt: skip
    chance = expit(odds[verdicts.rows])
    return Lesson(taught, odds, flag, joint, len(verdicts.rows), float(chance @ (1 - chance)), words)


def _judged_rows(judged: JudgedLabels, labels: Labels, probs: Probs) -> JudgedRows:
    return JudgedRows(judged.log_odds, labels, judged.suggested, row_evidence(labels, probs))


def review_budget_of(unread: Numbers, rows: Rows, judged: JudgedLabels, lesson: Lesson | None) -> Budget:
    """Errors in the first so many unread rows."""
    told, reviews = (0.0, 0) if lesson is None else (lesson.information, lesson.reviews)
    excursions = level_excursions(unread, judged.n_errors_low, judged.n_errors_high, information=told)
    if lesson is not None:
        excursions = np.concatenate([excursions, covariance_excursions(lesson.taught.covariance)])
    unproven = UNPROVEN / math.sqrt(1 + reviews / REVIEWS_THAT_PROVE)
    found = review_budget(unread, rows, excursions=excursions, unproven=unproven)
    return Budget(found.rows, found.errors, found.low, found.high)


def budget_by_sample(
    budget: Budget, ranked: Rows, design: Design, verdicts: Verdicts, labels: Labels, lesson: Lesson
) -> Budget:
    """The budget of corrected scores, put right by the sample, with intervals that hold both."""
    from scipy.special import expit

    wrong, score = verdicts.wrong(labels), expit(lesson.log_odds)
    level = sampled_level(score, design.strata, design.order, reviewed=verdicts.rows, wrong=wrong)
    found = np.array([level.errors(score, ranked[:rows]) for rows in budget.rows]).reshape(-1, 2)
    errors = np.maximum.accumulate(found[:, 0])
    low = np.minimum(budget.low, np.maximum(errors - found[:, 1], 0))
    high = np.maximum(budget.high, np.minimum(errors + found[:, 1], budget.rows))
    return Budget(budget.rows, errors, low, high)


def stopping(budget: Callable[[Sequence[int]], Budget], unread: int, *, least: float, batch: int) -> Stopping:
    """Stop where the next rows hold fewer errors than it takes to be worth reading them."""
    if not 0 < least < 1 or batch < 1:
        raise InputError(
            "least and batch", "be a share between 0 and 1, and a number of rows", f"{least} and {batch}",
            "Say should_stop(least=0.05, batch=50) to read on while one row in 20 is wrong.",
        )  # fmt: skip
    found = budget([min(batch, unread), unread])
    coming, remaining = (
        Estimate(float(found.errors[place]), float(found.low[place]), float(found.high[place])) for place in (0, 1)
    )
    rows = int(found.rows[0])
    stop = coming.value < least * max(rows, 1)
    verdict = "Stop" if stop else "Read on"
    why = (
        f"{verdict}: of the next {rows:,} rows about {coming.value:.1f} ({coming.low:.1f} to {coming.high:.1f}) are "
        f"wrong, where {least * rows:.1f} make it worth it. About {remaining.value:,.0f} ({remaining.low:,.0f} to "
        f"{remaining.high:,.0f}) wrong labels are left among {unread:,} rows that nobody has read."
    )
    return Stopping(bool(stop), why, coming, remaining)


def planted(found: LabelErrors, *, most: int) -> Estimate:
    """Recall of the flags by planted errors."""
    lesson = found.lesson
    rows = Flagging(
        found.judged,
        found.inputs.labels,
        found.judgement.probs,
        np.asarray(found.noise_matrix.value),
        found.odds,
        found.flagged,
        None if lesson is None else lesson.corrected,
    )
    return Estimate(*estimated_recall(rows, most=most, seed=found.seed))
