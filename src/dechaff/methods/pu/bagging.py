"""Bags: all labelled rows against as many unlabelled ones, drawn again for each of many models.

A model that tells the labelled rows from *few* unlabelled ones is fooled by few hidden positives, and each model by
others; their mean is not. With as many unlabelled rows as labelled ones, a score h(x) above one half says that the
density of the positives at x exceeds that of the unlabelled rows, which it does exactly where it exceeds that of the
negatives. So the border is that between two classes of equal size, whatever the fraction of positives is: bagging needs
no c, and its scores are no probabilities.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_count
from dechaff.methods.pu.scheme import check_both_kinds, row_counts
from dechaff.typing import FitPredict, Groups, Mask, Numbers

Bag = npt.NDArray[np.int64]
"""Positions of the rows of one bag; a row drawn twice appears twice."""


def draw_bags(
    labelled: Mask,
    *,
    n_bags: int,
    size: int | None = None,
    weights: Numbers | None = None,
    units: Groups | None = None,
    seed: int = 0,
) -> tuple[Bag, ...]:
    """The rows of each bag: every labelled row, and unlabelled ones drawn with replacement.

    Parameters
    ----------
    labelled : (n,) bool
    n_bags : how many, at least 1
    size : unlabelled rows per bag, at least 1; as many as there are labelled rows (sum of weights) if it is None.
    weights : (n,) float, at least 0
        An unlabelled row of weight 3 is drawn as often as three rows.
    units : (n,) int
        A number shared by equal rows. Draws use these numbers, so they do not depend on the order of the rows.
    seed : decides the draws.

    Returns
    -------
    tuple of (m,) int
        Labelled rows in order, then the draws.

    Raises
    ------
    InputError
        If lengths differ, a number is too small, or rows of one kind are missing.

    Source
    ------
    Mordelet, Vert (2014), A bagging SVM to learn from positive and unlabeled examples, Pattern Recognition Letters 37,
    algorithm 1 with K = |P|.

    Examples
    --------
    >>> for bag in draw_bags(np.array([True, False, True, False, False]), n_bags=3):
    ...     print(bag)
    [0 2 3 1]
    [0 2 1 1]
    [0 2 4 4]
    """
    names = np.arange(len(labelled)) if units is None else units
    counts = row_counts(weights, labelled=labelled, units=names)
    positive, unlabelled = np.flatnonzero(labelled), np.flatnonzero(~labelled)
    check_both_kinds(len(positive), len(unlabelled))
    n_draws = max(round(float(counts[positive].sum())), 1) if size is None else size
    check_count("n_bags", n_bags, least=1)
    check_count("size", n_draws, least=1)
    in_order = unlabelled[np.argsort(names[unlabelled], kind="stable")]
    reach = counts[in_order].cumsum()
    random = np.random.default_rng(seed)
    places = [np.searchsorted(reach, random.random(n_draws) * reach[-1], side="right") for _ in range(n_bags)]
    last = len(in_order) - 1  # a product that is rounded up would point beyond it
    return tuple(np.concatenate([positive, in_order[np.minimum(place, last)]]) for place in places)


def out_of_bag_scores(
    fit_predict: FitPredict, labelled: Mask, bags: tuple[Bag, ...], *, units: Groups | None = None
) -> Numbers:
    """Mean score of each unlabelled row, over the models whose bag it is not in.

    Parameters
    ----------
    fit_predict : the model, bound to the rows; learns codes 0 (unlabelled) and 1 (labelled). Called once a bag, where
        all rows are in the bag with no row to predict.
    labelled : (n,) bool
    bags : of `draw_bags`
    units : (n,) int
        A number shared by equal rows: no row is scored by a model trained on its copy.

    Returns
    -------
    (n,) float in [0, 1]
        NaN for labelled rows, which are in every bag, and for unlabelled ones that were.

    Source
    ------
    Mordelet, Vert (2014), Pattern Recognition Letters 37, algorithm 2.

    Examples
    --------
    >>> def share_of_labelled(fit_rows, fit_codes, predict_rows):
    ...     return np.tile([1 - fit_codes.mean(), fit_codes.mean()], (len(predict_rows), 1))
    >>> out_of_bag_scores(share_of_labelled, np.array([True, False, False]), (np.array([0, 1]), np.array([0, 1])))
    array([nan, nan, 0.5])
    """
    names = np.arange(len(labelled)) if units is None else units
    total, times = np.zeros(len(labelled)), np.zeros(len(labelled))
    for bag in bags:
        drawn = names[bag[~labelled[bag]]]
        left_out = np.flatnonzero(~labelled & ~np.isin(names, drawn))
        total[left_out] += fit_predict(bag, labelled[bag].astype(np.int64), left_out)[:, 1]
        times[left_out] += 1
    return np.where(times > 0, total / np.maximum(times, 1), np.nan)
