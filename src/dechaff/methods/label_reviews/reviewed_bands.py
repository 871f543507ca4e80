"""What was read, band by band: which part of it is a random sample, and which part is merely known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_same_length
from dechaff.errors import InputError
from dechaff.methods.label_reviews.review_strata import Reviewed, ReviewStrata, Wrong
from dechaff.typing import Mask, Rows

_CHANCE = (1 - 0.95) / 2
"""At either end of a 95 % interval."""
_KNOTS = 1000
"""Numbers of wrong rows that are tried for one band; between two of them the answer is rounded outwards."""


def errors_interval(rows: Counts, reviewed: Counts, wrong: Counts) -> tuple[float, float]:
    """95 % interval of the rows that are wrong, given what was found in a random sample of each band.

    For each band, the chance of finding as few wrong rows as were found falls as more are supposed to be wrong. The
    chances of all bands are multiplied, and the largest total whose product is not yet too small is the upper end;
    the lower end is the same for rows that are right. No approximation: the sample is drawn from finitely many rows,
    without replacement, and a band that was read in full adds no doubt.

    Parameters
    ----------
    rows : (h,) int
        Number of rows of each band.
    reviewed : (h,) int
        How many of them were drawn at random and read.
    wrong : (h,) int
        How many of those were wrong.

    Returns
    -------
    (low, high)
        Numbers of rows of all bands together.

    Raises
    ------
    InputError
        If more rows were reviewed than there are, or more are wrong than were reviewed.

    Source
    ------
    Fisher (1932), Statistical Methods for Research Workers, combination of tests, of hypergeometric tails, maximised
    over the bands as in Ottoboni, Stark, Lindeman, McBurnett (2018), SUITE. One band: Buonaccorsi (1987), The
    American Statistician 41.

    Examples
    --------
    Of 100 flagged rows 20 were read, of which 15 were wrong; of 50 others all, of which 1 was:

    >>> errors_interval(np.array([100, 50]), np.array([20, 50]), np.array([15, 1]))
    (55.0, 91.0)
    """
    check_same_length(rows=rows, reviewed=reviewed, wrong=wrong)
    if ((wrong < 0) | (wrong > reviewed) | (reviewed > rows)).any():
        band = int(np.flatnonzero((wrong < 0) | (wrong > reviewed) | (reviewed > rows))[0])
        raise InputError(
            "the reviews of a band",
            "count no more wrong rows than reviewed ones, and no more of those than rows",
            f"{wrong[band]} wrong of {reviewed[band]} reviewed of {rows[band]} rows in band {band}",
            "Count each row once.",
        )
    most_right = _most(rows, reviewed, reviewed - wrong)
    return float(rows.sum() - most_right), float(_most(rows, reviewed, wrong))


def _most(rows: Counts, reviewed: Counts, found: Counts) -> int:
    """The largest total for which Fisher's sum stays below its quantile: the cheapest steps first."""
    from scipy.stats import chi2

    unread = rows - reviewed
    sampled = (reviewed > 0) & (unread > 0)
    free = int(unread[reviewed == 0].sum())  # nothing is known of a band that was not read
    steps, costs, rounding = [], [], 0
    for band in np.flatnonzero(sampled):
        knots = np.unique(np.linspace(0, unread[band], min(_KNOTS, int(unread[band])) + 1).round()).astype(np.int64)
        doubt = -2 * _log_chance(int(rows[band]), int(reviewed[band]), int(found[band]), knots)
        steps.append(np.diff(knots))
        costs.append(np.diff(doubt))
        rounding += int(np.diff(knots).max()) - 1
    if not steps:
        return int(found.sum()) + free
    budget = float(chi2.isf(_CHANCE, 2 * int(sampled.sum())))
    more = _most_steps(np.concatenate(steps), np.concatenate(costs), budget) + rounding
    return int(found.sum()) + free + min(more, int(unread[sampled].sum()))


def _most_steps(steps: Counts, costs: npt.NDArray[np.float64], budget: float) -> int:
    """How many rows can be added within the budget. Sorting steps by cost can only widen the interval."""
    order = np.argsort(costs / steps, kind="stable")
    spent = np.cumsum(costs[order])
    whole = int(np.searchsorted(spent, budget, side="right"))
    taken = int(steps[order][:whole].sum())
    if whole == len(order):
        return taken
    left = budget - (spent[whole - 1] if whole else 0.0)
    return taken + int(steps[order][whole] * left / costs[order][whole])


def _log_chance(rows: int, reviewed: int, found: int, more: Counts) -> npt.NDArray[np.float64]:
    """Log-chance of at most `found` in the sample, if `found + more` of the rows are so."""
    wrong = (found + more)[:, None]
    drawn = np.arange(found + 1)[None, :]
    ways = _log_choose(wrong, drawn) + _log_choose(rows - wrong, reviewed - drawn)
    log_chances = ways - _log_choose(np.array(rows), np.array(reviewed))
    top = log_chances.max(axis=1, keepdims=True)
    sums = np.log(np.exp(log_chances - top).sum(axis=1)) + top[:, 0]
    return np.asarray(np.minimum.accumulate(np.minimum(sums, 0.0)))


def _log_choose(n: npt.NDArray[Any], k: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    from scipy.special import gammaln

    possible = (k >= 0) & (k <= n)
    n, k = np.where(possible, n, 0), np.where(possible, k, 0)
    return np.where(possible, gammaln(n + 1.0) - gammaln(k + 1.0) - gammaln(n - k + 1.0), -np.inf)


Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class ReviewedBands:
    """Rows, rows drawn and read, and wrong ones among those, band by band; and all that is known beside the draw."""

    rows: Counts
    reviewed: Counts
    wrong: Counts
    found_wrong: int
    """Wrong rows that reviewers found, in turn or not."""
    found_right: int

    def errors(self) -> tuple[float, float, float]:
        """Estimated number of wrong rows, with the ends of its exact 95 % interval."""
        low, high = errors_interval(self.rows, self.reviewed, self.wrong)
        low, high = max(low, self.found_wrong), min(high, float(self.rows.sum() - self.found_right))
        share = np.where(self.reviewed > 0, self.wrong / np.maximum(self.reviewed, 1), 0.5)
        return float(np.clip(share @ self.rows, low, high)), low, high


def reviewed_bands(
    strata: ReviewStrata, order: Rows, reviewed: Reviewed, wrong: Wrong, *, among: Mask | None = None
) -> ReviewedBands:
    """Counts of each band, from reviews of which some follow the drawn order and others may not.

    The rows of a band that come first in the order, without a gap, are its random sample. Rows that were read out of
    turn, such as the worst ones, prove nothing about the others: they count as rows that were not drawn, of which one
    happens to know whether they are wrong.

    Parameters
    ----------
    strata : ReviewStrata
    order : (m,) int
        Of `review_order`.
    reviewed : (r,) int
        Positions of the rows that were read, each once.
    wrong : (r,) bool
        Whether the given label was wrong.
    among : (n,) bool
        Rows to answer for, of those in bands. Left out: all.

    Raises
    ------
    InputError
        If `reviewed` and `wrong` differ in length.

    Source
    ------
    Cochran (1977), Sampling Techniques, chapters 2 and 5.

    Examples
    --------
    >>> from dechaff.methods.label_reviews.review_strata import review_order, review_strata
    >>> strata = review_strata(np.linspace(1, 0, 100), np.arange(100) < 50)
    >>> order = review_order(strata)
    >>> found = reviewed_bands(strata, order, order[:20], order[:20] < 40, among=np.arange(100) < 50)
    >>> found.rows[0], found.reviewed[0], found.wrong[0]
    (np.int64(50), np.int64(11), np.int64(9))
    """
    check_same_length(reviewed=reviewed, wrong=wrong)
    inside = strata.stratum >= 0 if among is None else among & (strata.stratum >= 0)
    verdict = np.full(len(strata.stratum), -1, dtype=np.int64)
    verdict[reviewed] = wrong
    drawn = drawn_in_turn(strata, order, verdict >= 0)
    bands = len(strata.share)

    def count(rows: Mask) -> Counts:
        return np.bincount(strata.stratum[rows], minlength=bands).astype(np.int64)

    return ReviewedBands(
        rows=count(inside),
        reviewed=count(inside & drawn),
        wrong=count(inside & drawn & (verdict == 1)),
        found_wrong=int((inside & (verdict == 1)).sum()),
        found_right=int((inside & (verdict == 0)).sum()),
    )


def drawn_in_turn(strata: ReviewStrata, order: Rows, read: Mask) -> Mask:
    """True for the rows before the first unread one of their band."""
    drawn = np.zeros(len(read), dtype=bool)
    for band in range(len(strata.share)):
        rows = order[strata.stratum[order] == band]
        gap = np.flatnonzero(~read[rows])
        drawn[rows[: gap[0] if len(gap) else len(rows)]] = True
    return drawn
