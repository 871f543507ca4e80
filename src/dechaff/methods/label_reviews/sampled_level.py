"""How many rows without a review are wrong: what scores say, put right by how they fared in the drawn sample."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_same_length
from dechaff.methods.label_reviews.review_strata import Reviewed, ReviewStrata, Wrong
from dechaff.methods.label_reviews.reviewed_bands import drawn_in_turn
from dechaff.typing import Labels, Numbers, Rows, Score

BELIEF = 20.0
"""Reviews of a band that weigh as much as the belief that its scores are right."""
Z_95 = 1.96


@dataclass(frozen=True)
class SampledLevel:
    """What the scores of each band miss by, and how well that is known."""

    stratum: Labels
    """Band of each row."""
    shift: npt.NDArray[np.float64]
    """What to add to the score of each row of a band without a review."""
    spread: npt.NDArray[np.float64]
    """Variance of what a row misses by."""
    weight: npt.NDArray[np.float64]
    """Reviews that `shift` is a mean of, with those that stand for the belief in the scores."""

    def errors(self, score: Score, rows: Rows) -> tuple[float, float]:
        """Wrong rows among some without a review, and what the 95 % interval reaches to either side."""
        band = self.stratum[rows]
        count = np.bincount(band[band >= 0], minlength=len(self.shift))
        variance = float((count**2 * self.spread / self.weight + count * self.spread).sum())
        errors = float(np.clip(score[rows].sum() + count @ self.shift, 0, len(rows)))
        return errors, Z_95 * float(np.sqrt(variance))


def sampled_level(score: Score, strata: ReviewStrata, order: Rows, *, reviewed: Reviewed, wrong: Wrong) -> SampledLevel:
    """What the scores miss by in each band, for the rows without a review.

    Scores that reviews have corrected add up to the number of errors among the reviews, but where the form of the
    correction does not fit they are too high in one band and too low in another, and most unread rows lie in few
    bands. So to the sum of the scores comes, band by band, the mean of what they missed by in the drawn sample.

    Parameters
    ----------
    score : (n,) float in [0, 1]
        Probability of being wrong, of all rows, as if none had been reviewed.
    strata : ReviewStrata
    order : (m,) int
        Of `review_order`.
    reviewed : (r,) int
        Positions of the rows that were read, each once, drawn or not.
    wrong : (r,) bool
        Whether the given label was wrong.

    Raises
    ------
    InputError
        If lengths differ.

    Source
    ------
    Särndal, Swensson, Wretman (1992), Model Assisted Survey Sampling, chapter 6, the difference estimator. Differs:
    the mean of few reviews is drawn to 0, as if 20 more had shown what the score says.

    Examples
    --------
    Every score says 0.5; of 50 rows read a tenth is wrong:

    >>> from dechaff.methods.label_reviews.review_strata import review_order, review_strata
    >>> score = np.full(550, 0.5)
    >>> strata = review_strata(score, np.ones(550, dtype=bool))
    >>> order = review_order(strata)
    >>> level = sampled_level(score, strata, order, reviewed=order[:50], wrong=np.arange(50) < 5)
    >>> round(level.errors(score, order[50:])[0])
    107
    """
    check_same_length(score=score, strata=strata.stratum)
    check_same_length(reviewed=reviewed, wrong=wrong)
    unread = np.ones(len(score), dtype=bool)
    unread[reviewed] = False
    missed = np.zeros(len(score))
    missed[reviewed] = wrong - score[reviewed]
    drawn, bands = drawn_in_turn(strata, order, ~unread), len(strata.share)

    def total(rows: npt.NDArray[np.bool_], values: Numbers | None = None) -> Numbers:
        rows = rows & (strata.stratum >= 0)
        weights = None if values is None else values[rows]
        return np.bincount(strata.stratum[rows], weights=weights, minlength=bands).astype(np.float64)

    left, weight = total(unread), total(drawn) + BELIEF
    believed = total(unread, score * (1 - score)) / np.maximum(left, 1)
    spread = (total(drawn, missed**2) + BELIEF * believed) / weight
    return SampledLevel(strata.stratum, total(drawn, missed) / weight, spread, weight)
