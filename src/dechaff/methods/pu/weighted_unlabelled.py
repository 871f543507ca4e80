"""Each unlabelled row learned from twice: as a positive by its chance to be one, as a negative by the rest.

An unlabelled row is positive with probability

    w(x) = p(y = 1 | x, s = 0) = (1 - c) / c * g(x) / (1 - g(x)) = (1 - c) f(x) / (1 - c f(x)),

the odds of the label times the odds of being left out. A model trained on the labelled rows (positive, weight 1) and
on every unlabelled row twice (positive, weight w; negative, weight 1 - w) learns p(y = 1 | x) itself.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import logit

from dechaff.checks import check_same_length
from dechaff.core.level_shift import level_shift
from dechaff.errors import InputError
from dechaff.methods.pu.scheme import check_c, row_counts
from dechaff.typing import Figures, Mask, Numbers, Rows

_LEAST = 1e-9
"""Scores nearer to 0 or 1 count as this near: odds are finite."""


class WeightedRows(NamedTuple):
    """The training set of the second model; a row may occur twice."""

    rows: Rows
    """Positions of the rows."""
    targets: npt.NDArray[np.int64]
    """1 = positive, 0 = negative."""
    row_weights: Figures
    """Above 0, at most 1; to be multiplied by the weights that rows came with."""


def unlabelled_weights(label_probs: Numbers, c: float) -> Numbers:
    """Probability that a row is positive although it is not labelled, from g = p(s = 1 | x).

    Parameters
    ----------
    label_probs : (n,) float from 0 to 1
        Out-of-fold g. In-sample ones call every unlabelled row negative.
    c : float in (0, 1]
        Probability that a positive is labelled.

    Returns
    -------
    (n,) float in [0, 1]
        Meant for the unlabelled rows; 1 if g is c or more.

    Raises
    ------
    InputError
        If c is outside (0, 1].

    Source
    ------
    Elkan, Noto (2008), KDD, section 3, equation 3. Differs: cut at 1, which g above c would exceed.

    Examples
    --------
    >>> unlabelled_weights(np.array([0.0, 0.2, 0.5, 1.0]), 0.5)
    array([0.  , 0.25, 1.  , 1.  ])
    """
    check_c(c)
    # g >= c first: there the formula is at least 1, and 0 / 0 at g = c = 1.
    below = np.where(label_probs >= c, 0.0, label_probs)
    return np.where(label_probs >= c, float(c < 1), (1 - c) / c * below / (1 - below))


def matched_weights(label_probs: Numbers, labelled: Mask, c: float, *, weights: Numbers | None = None) -> Numbers:
    """Probability that a row is positive although it is unlabelled; in sum as many as c implies.

    The odds g / (1 - g) order the rows; how many of the unlabelled ones are positive is known from c: for each labelled
    positive, (1 - c) / c are left out. So the odds are multiplied by the one factor that makes the chances, cut at 1,
    add up to that number. The formula's own factor, (1 - c) / c, does so only if g is calibrated and levels off at
    c: trees whose g is too extreme, or a logistic g that cannot level off, give too few or too many positives.

    Parameters
    ----------
    label_probs, c : as in `unlabelled_weights`, with its result and errors
    labelled : (n,) bool, as many
    weights : (n,) float, at least 0
        How often each row counts.

    Source
    ------
    Elkan, Noto (2008), KDD, section 3, equation 3. Differs: the factor is solved for.

    Examples
    --------
    Two labelled positives and c = 1/2 leave two positives among the rest, wherever g ends:

    >>> g, labelled = np.array([0.9, 0.8, 0.7, 0.6, 0.1]), np.array([True, True, False, False, False])
    >>> chances = matched_weights(g, labelled, 0.5)
    >>> chances.round(2), round(chances[~labelled].sum(), 6)
    (array([1.  , 1.  , 1.  , 0.93, 0.07]), np.float64(2.0))
    """
    check_c(c)
    counts = row_counts(weights, label_probs=label_probs, labelled=labelled)
    wanted = float(counts[labelled].sum()) * (1 - c) / c
    odds, of_unlabelled = logit(np.clip(label_probs, _LEAST, 1 - _LEAST)), counts[~labelled]
    if wanted <= 0 or wanted >= of_unlabelled.sum():
        return np.full(len(odds), float(wanted > 0))
    shift = level_shift(odds[~labelled], wanted, weights=of_unlabelled, probability=_cut)
    return _cut(odds + shift)


def _cut(log_odds: Numbers) -> Numbers:
    """The odds, cut at 1."""
    return np.asarray(np.exp(np.minimum(log_odds, 0.0)))


def weights_from_positive_probs(positive_probs: Numbers, c: float) -> Numbers:
    """Probability that a row is positive although it is not labelled, from f = p(y = 1 | x); it never needs cutting.

    Parameters
    ----------
    positive_probs : (n,) float from 0 to 1
        Out-of-fold f, such as a plateau fit gives.
    c : as in `unlabelled_weights`, with its errors

    Returns
    -------
    (n,) float in [0, 1]

    Source
    ------
    Elkan, Noto (2008), KDD, section 3, equation 3 with g = c f.

    Examples
    --------
    >>> weights_from_positive_probs(np.array([0.0, 0.4, 1.0]), 0.5)
    array([0.  , 0.25, 1.  ])
    """
    check_c(c)
    if c == 1:
        return np.zeros(len(positive_probs))
    return (1 - c) * positive_probs / (1 - c * positive_probs)


def weighted_rows(labelled: Mask, weights: Numbers) -> WeightedRows:
    """The rows of the second training: labelled ones once, unlabelled ones as positive and as negative.

    Parameters
    ----------
    labelled : (n,) bool
    weights : (n,) float from 0 to 1
        Probability of each unlabelled row to be positive; ignored if a row is labelled.

    Returns
    -------
    WeightedRows
        Labelled rows (1, weight 1), then unlabelled ones as (1, w), then as (0, 1 - w); weights of 0 are dropped.

    Raises
    ------
    InputError
        If lengths differ, or the weight of an unlabelled row is not from 0 to 1.

    Source
    ------
    Elkan, Noto (2008), KDD, section 3.

    Examples
    --------
    >>> rows, targets, row_weights = weighted_rows(np.array([True, False, False]), np.array([0.9, 0.25, 0.0]))
    >>> rows, targets, row_weights
    (array([0, 1, 1, 2]), array([1, 1, 0, 0]), array([1.  , 0.25, 0.75, 1.  ]))
    """
    check_same_length(labelled=labelled, weights=weights)
    positive, unlabelled = np.flatnonzero(labelled), np.flatnonzero(~labelled)
    chance = weights[unlabelled]
    bad = np.flatnonzero(~((chance >= 0) & (chance <= 1)))
    if len(bad):
        found = f"{chance[bad[0]]} in row {unlabelled[bad[0]]} ({len(bad)} in all)"
        raise InputError("weights", "be from 0 to 1 for every unlabelled row", found, "Use unlabelled_weights(g, c).")
    rows = np.concatenate([positive, unlabelled, unlabelled])
    targets = np.repeat([1, 0], [len(positive) + len(unlabelled), len(unlabelled)])
    row_weights = np.concatenate([np.ones(len(positive)), chance, 1 - chance])
    kept = row_weights > 0
    return WeightedRows(rows[kept], targets[kept], row_weights[kept])
