"""What was read, band by band: which part of it is a random sample, and which part is merely known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_same_length
from dechaff.methods.label_reviews.errors_interval import errors_interval
from dechaff.methods.label_reviews.review_strata import Reviewed, ReviewStrata, Wrong
from dechaff.typing import Mask, Rows

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class ReviewedBands:
    """Rows, rows drawn and read, and wrong ones among those, band by band; and all that is known beside the draw."""

    rows: Counts
    reviewed: Counts
    wrong: Counts
    found_wrong: int
    """Wrong rows that people found, in turn or not."""
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

    Returns
    -------
    ReviewedBands

    Raises
    ------
    InputError
        Where `reviewed` and `wrong` differ in length.

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
