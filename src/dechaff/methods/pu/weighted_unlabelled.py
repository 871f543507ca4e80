"""Each unlabelled row learnt from twice: as a positive by its chance to be one, as a negative by the rest.

An unlabelled row is positive with probability

    w(x) = p(y = 1 | x, s = 0) = (1 - c) / c * g(x) / (1 - g(x)) = (1 - c) f(x) / (1 - c f(x)),

the odds of the label times the odds of being left out. A model trained on the labelled rows (positive, weight 1) and
on every unlabelled row twice (positive, weight w; negative, weight 1 - w) learns p(y = 1 | x) itself.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_same_length
from dechaff.errors import InputError
from dechaff.typing import Figures, Mask, Numbers, Rows


class WeightedRows(NamedTuple):
    """What to train the second model on; a row may stand here twice."""

    rows: Rows
    """Positions of the rows."""
    targets: npt.NDArray[np.int64]
    """1 = positive, 0 = negative."""
    row_weights: Figures
    """Above 0, at most 1; to be multiplied by the weights that rows came with."""


def unlabelled_weights(label_probs: Numbers, c: float) -> Numbers:
    """Chance that a row is positive although it is not labelled, from g = p(s = 1 | x).

    Parameters
    ----------
    label_probs : (n,) float from 0 to 1
        Out-of-fold g. In-sample ones call every unlabelled row negative.
    c : float in (0, 1]
        Chance that a positive is labelled.

    Returns
    -------
    (n,) float in [0, 1]
        Meant for the unlabelled rows; 1 where g is c or more.

    Raises
    ------
    InputError
        Where c is no chance above 0.

    Source
    ------
    Elkan, Noto (2008), KDD, section 3, equation 3. Differs: cut at 1, which g above c would exceed.

    Examples
    --------
    >>> unlabelled_weights(np.array([0.0, 0.2, 0.5, 1.0]), 0.5)
    array([0.  , 0.25, 1.  , 1.  ])
    """
    _check_c(c)
    # g >= c first: there the formula is at least 1, and 0 / 0 at g = c = 1.
    below = np.where(label_probs >= c, 0.0, label_probs)
    return np.where(label_probs >= c, float(c < 1), (1 - c) / c * below / (1 - below))


def weights_from_positive_probs(positive_probs: Numbers, c: float) -> Numbers:
    """Chance that a row is positive although it is not labelled, from f = p(y = 1 | x); it never needs cutting.

    Parameters
    ----------
    positive_probs : (n,) float from 0 to 1
        Out-of-fold f, such as a plateau fit gives.
    c : float in (0, 1]
        Chance that a positive is labelled.

    Returns
    -------
    (n,) float in [0, 1]

    Raises
    ------
    InputError
        Where c is no chance above 0.

    Source
    ------
    Elkan, Noto (2008), KDD, section 3, equation 3 with g = c f.

    Examples
    --------
    >>> weights_from_positive_probs(np.array([0.0, 0.4, 1.0]), 0.5)
    array([0.  , 0.25, 1.  ])
    """
    _check_c(c)
    if c == 1:
        return np.zeros(len(positive_probs))
    return (1 - c) * positive_probs / (1 - c * positive_probs)


def weighted_rows(labelled: Mask, weights: Numbers) -> WeightedRows:
    """The rows of the second training: labelled ones once, unlabelled ones as positive and as negative.

    Parameters
    ----------
    labelled : (n,) bool
    weights : (n,) float from 0 to 1
        Chance of each unlabelled row to be positive; not looked at where a row is labelled.

    Returns
    -------
    WeightedRows
        Labelled rows (1, weight 1), then unlabelled ones as (1, w), then as (0, 1 - w); weights of 0 are dropped.

    Raises
    ------
    InputError
        Where lengths differ, or the weight of an unlabelled row is not from 0 to 1.

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
    _refuse_no_chance(chance, unlabelled)
    rows = np.concatenate([positive, unlabelled, unlabelled])
    targets = np.repeat([1, 0], [len(positive) + len(unlabelled), len(unlabelled)])
    row_weights = np.concatenate([np.ones(len(positive)), chance, 1 - chance])
    kept = row_weights > 0
    return WeightedRows(rows[kept], targets[kept], row_weights[kept])


def _check_c(c: float) -> None:
    if not 0 < c <= 1:
        raise InputError("c", "be above 0 and at most 1", str(c), "Estimate it by a function of pu.class_prior.")


def _refuse_no_chance(chance: Numbers, rows: Rows) -> None:
    bad = ~((chance >= 0) & (chance <= 1))
    if bad.any():
        first = int(np.flatnonzero(bad)[0])
        found = f"{chance[first]} in row {rows[first]} ({int(bad.sum())} such rows)"
        raise InputError("weights", "be from 0 to 1 for every unlabelled row", found, "Use unlabelled_weights(g, c).")
