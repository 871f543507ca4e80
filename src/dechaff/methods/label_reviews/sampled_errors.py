"""How many rows that nobody has read are wrong: what scores say, put right by how they fared in the drawn sample."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_same_length
from dechaff.methods.label_reviews.review_strata import ReviewStrata
from dechaff.methods.label_reviews.reviewed_bands import drawn_in_turn
from dechaff.methods.label_reviews.reviewed_rows import Reviewed, Wrong
from dechaff.typing import Numbers, Rows

BELIEF = 20.0
"""Reviews of a band that weigh as much as the belief that its scores are right."""
Z_95 = 1.96


@dataclass(frozen=True)
class SampledErrors:
    """A number of wrong rows, and what its 95 % interval reaches to either side."""

    errors: float
    reach: float


def sampled_errors(
    score: Numbers, strata: ReviewStrata, order: Rows, *, reviewed: Reviewed, wrong: Wrong
) -> SampledErrors:
    """Wrong rows among those that nobody has read.

    Scores that reviews have corrected add up to the number of errors among the reviews, but where the form of the
    correction does not fit they are too high in one band and too low in another, and most unread rows lie in few
    bands. So to the sum of the scores comes, band by band, the mean of what they missed by in the drawn sample.

    Parameters
    ----------
    score : (n,) float in [0, 1]
        Probability of being wrong, of all rows, as if nobody had read any.
    strata : ReviewStrata
    order : (m,) int
        Of `review_order`.
    reviewed : (r,) int
        Positions of the rows that were read, each once, drawn or not.
    wrong : (r,) bool
        Whether the given label was wrong.

    Returns
    -------
    SampledErrors

    Raises
    ------
    InputError
        Where lengths differ.

    Source
    ------
    Särndal, Swensson, Wretman (1992), Model Assisted Survey Sampling, chapter 6, the difference estimator. Differs:
    the mean of few reviews is drawn to 0, as if 20 more had shown what the score says.

    Examples
    --------
    Every score says 0.5; of 50 rows read a tenth is wrong:

    >>> import numpy as np
    >>> from dechaff.methods.label_reviews.review_strata import review_order, review_strata
    >>> score = np.full(550, 0.5)
    >>> strata = review_strata(score, np.ones(550, dtype=bool))
    >>> order = review_order(strata)
    >>> round(sampled_errors(score, strata, order, reviewed=order[:50], wrong=np.arange(50) < 5).errors)
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
    spread = (total(drawn, missed**2) + BELIEF * total(unread, score * (1 - score)) / np.maximum(left, 1)) / weight
    shift = float((left * total(drawn, missed) / weight).sum())
    variance = float((left**2 * spread / weight + left * spread).sum())
    errors = float(np.clip(score[unread].sum() + shift, 0, unread.sum()))
    return SampledErrors(errors, Z_95 * float(np.sqrt(variance)))
