"""Strata of rows by score, and the order in which to review them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_same_length
from dechaff.typing import Axes, Labels, Mask, Rows, Score

Reviewed = Annotated[npt.NDArray[np.int64], Axes("r")]
"""Positions of the rows that were read, each once."""
Wrong = Annotated[npt.NDArray[np.bool_], Axes("r")]
"""Whether the given label was wrong."""
TrueCodes = Annotated[npt.NDArray[np.int64], Axes("r")]
"""True classes, -1 = none of them."""


FLAGGED_BANDS, OTHER_BANDS = 1, 3
"""An exact interval pays for every band it adds up: the flagged rows in one give the shortest for their precision."""
LEAST_SPREAD = 0.05
"""What a row counts for, however sure its score: scores are least to be trusted where they are surest."""
FLAGGED_SHARE = (0.4, 0.8)
"""Least and most of the reviews that go to flagged rows: both kinds have something to teach."""


@dataclass(frozen=True)
class ReviewStrata:
    """Which band each row is in; no band holds flagged and other rows."""

    stratum: Labels
    """Band of each row, the most doubtful first; -1 = not to be reviewed."""
    share: npt.NDArray[np.float64]
    """Fraction of the reviews for each band."""


def review_strata(score: Score, flag: Mask, *, reviewable: Mask | None = None) -> ReviewStrata:
    """Bands of rows of like score, and how many of the reviews each should get.

    The bands of rows that are not flagged hold the same sum of ``sqrt(p (1 - p))``, so that equal numbers from each
    are the best allocation: many reviews where the score is unsure, few where it is not.

    Parameters
    ----------
    score : (n,) float in [0, 1]
        Probability that the label is wrong.
    flag : (n,) bool
        The rows whose precision will be asked for.
    reviewable : (n,) bool
        Rows that may be drawn. Left out: all.

    Returns
    -------
    ReviewStrata
        One band of flagged rows and up to three of the others.

    Raises
    ------
    InputError
        If the lengths differ.

    Source
    ------
    Dalenius, Hodges (1959), JASA 54, bands by the cumulative spread; Neyman (1934), JRSS 97, the allocation.

    Examples
    --------
    >>> strata = review_strata(np.array([0.9, 0.6, 0.5, 0.1]), np.array([True, True, False, False]))
    >>> strata.stratum, strata.share.round(2)
    (array([0, 0, 1, 2]), array([0.5 , 0.25, 0.25]))
    """
    open_rows = np.ones(len(score), dtype=bool) if reviewable is None else reviewable
    check_same_length(score=score, flag=flag, reviewable=open_rows)
    spread = np.sqrt(score * (1 - score)) + LEAST_SPREAD
    stratum = np.full(len(score), -1, dtype=np.int64)
    parts = [np.flatnonzero(open_rows & flag), np.flatnonzero(open_rows & ~flag)]
    bands: list[int] = []
    for rows, most in zip(parts, (FLAGGED_BANDS, OTHER_BANDS), strict=True):
        ranked = rows[np.argsort(-score[rows], kind="stable")]
        band = _bands(spread[ranked], most)
        stratum[ranked] = band + sum(bands)
        bands.append(int(band.max()) + 1 if len(band) else 0)
    to_flagged = _to_flagged(*(float(spread[rows].sum()) for rows in parts))
    share = np.repeat([to_flagged, 1 - to_flagged], bands) / np.repeat(np.maximum(bands, 1), bands)
    return ReviewStrata(stratum, share)


def _bands(spread: npt.NDArray[np.float64], most: int) -> npt.NDArray[np.int64]:
    """Consecutive numbers from 0, up to a maximum, each for the same part of the sum."""
    if not len(spread):
        return np.zeros(0, dtype=np.int64)
    middle = (np.cumsum(spread) - spread / 2) / spread.sum()
    return np.unique((middle * most).astype(np.int64), return_inverse=True)[1].astype(np.int64)


def _to_flagged(flagged: float, others: float) -> float:
    if not flagged or not others:
        return float(flagged > 0)
    return float(np.clip(flagged / (flagged + others), *FLAGGED_SHARE))


def review_order(strata: ReviewStrata, *, seed: int = 0) -> Rows:
    """All rows that may be reviewed, in an order whose every beginning is a stratified random sample.

    Within its band each row is as likely to come next as any other, whatever its label turns out to be: reading
    may stop after any row, and the reviewed rows represent the others.

    Parameters
    ----------
    strata : ReviewStrata
    seed : decides the draw.

    Returns
    -------
    (m,) int
        Positions of the rows.

    Source
    ------
    Cochran (1977), Sampling Techniques, chapter 5. The order is our own: bands take turns by their share.

    Examples
    --------
    >>> strata = review_strata(np.linspace(1, 0, 100), np.arange(100) < 50)
    >>> rows = review_order(strata)[:30]
    >>> np.bincount(strata.stratum[rows])
    array([15,  5,  5,  5])
    """
    rows = np.flatnonzero(strata.stratum >= 0)
    shuffled = np.random.default_rng(seed).permutation(len(strata.stratum))
    rows = rows[np.lexsort((shuffled[rows], strata.stratum[rows]))]
    band = strata.stratum[rows]
    first = np.searchsorted(band, np.arange(len(strata.share)))
    turn = (np.arange(len(rows)) - first[band] + 0.5) / strata.share[band]
    return rows[np.lexsort((band, turn))]
