"""Unlabelled rows that are certainly negative, found by spies: labelled positives that are sent among the unlabelled.

A model learns to tell the other labelled rows from the unlabelled ones and the spies. It is as wrong about the spies
as it is about the positives that hide among the unlabelled, so the scores of the spies say how low the score of a
hidden positive may be. What scores lower still is negative. A second model is then trained on the labelled rows
against those.
"""

from __future__ import annotations

import numpy as np

from dechaff.checks import check_same_length
from dechaff.errors import InputError
from dechaff.methods.pu.scheme import row_counts
from dechaff.typing import FitPredict, Groups, Mask, Numbers

USUAL_LOST = 0.05
"""Fraction of spies that may score below the threshold, the paper's l: some labels and scores are wrong."""


def spy_threshold(spy_scores: Numbers, *, lost: float = USUAL_LOST, weights: Numbers | None = None) -> float:
    """The highest score of a spy below which at most the fraction `lost` of the spies is.

    Parameters
    ----------
    spy_scores : (n,) float
        Score of each spy by a model that was trained with it as unlabelled.
    lost : float from 0 to below 1
    weights : (n,) float, above 0
        How often each spy counts.

    Raises
    ------
    InputError
        If there is no spy, lengths differ, or `lost` is outside [0, 1).

    Source
    ------
    Liu, Lee, Yu, Li (2002), Partially supervised classification of text documents, ICML, section 4.1.
    Differs: 5 % are lost and not 15 %, which takes fewer hidden positives for negative on tables that we tried.

    Examples
    --------
    >>> spy_threshold(np.array([0.9, 0.1, 0.5, 0.7, 0.3]), lost=0.2)
    0.3
    """
    if not 0 <= lost < 1:
        raise InputError("lost", "be a fraction from 0 to below 1", str(lost), "Leave it out for the default, 0.05.")
    counts = row_counts(weights, spy_scores=spy_scores)
    if not len(spy_scores):
        raise InputError("spy_scores", "contain the score of at least one spy", "none", "Send some labelled rows.")
    scores, place = np.unique(spy_scores, return_inverse=True)
    at = np.bincount(place, counts)
    below = (at.cumsum() - at) / at.sum()
    # A quotient may exceed the number that it equals by a rounding error.
    return float(scores[below <= lost + 1e-12][-1])


def reliable_negatives(
    fit_predict: FitPredict,
    labelled: Mask,
    rounds: Groups,
    *,
    lost: float = USUAL_LOST,
    weights: Numbers | None = None,
) -> Mask:
    """Unlabelled rows that score below the spies' threshold in most rounds; if no row does, those that score lowest.

    With one round that makes 15 % of the labelled rows spies, and ``lost=0.15``, this is the paper's first step. With
    folds as rounds, each labelled row is a spy once, and the answer does not hang on which ones were sent.

    Works with models that are smooth: one that memorises its rows scores spies and hidden positives at 0.

    Parameters
    ----------
    fit_predict : the model, bound to the rows; learns codes 0 (unlabelled rows and spies) and 1 (other labelled rows).
    labelled : (n,) bool
    rounds : (n,) int
        The round in which a labelled row is a spy; -1 = never. Ignored if a row is unlabelled.
    lost, weights : as in `spy_threshold`

    Returns
    -------
    (n,) bool

    Raises
    ------
    InputError
        If lengths differ, or no row is ever a spy.

    Source
    ------
    Liu, Lee, Yu, Li (2002), ICML, figure 3. Differs: any model in place of naive Bayes, and rounds.

    Examples
    --------
    >>> x = np.array([9.0, 8.0, 7.0, 8.0, 1.0, 2.0])
    >>> def as_it_stands(fit_rows, fit_codes, predict_rows):
    ...     return np.column_stack([1 - x[predict_rows] / 10, x[predict_rows] / 10])
    >>> labelled = np.array([True, True, True, False, False, False])
    >>> reliable_negatives(as_it_stands, labelled, np.array([-1, -1, 0, -1, -1, -1]))
    array([False, False, False, False,  True,  True])
    """
    check_same_length(labelled=labelled, rounds=rounds)
    names, unlabelled = np.unique(rounds[labelled & (rounds >= 0)]), np.flatnonzero(~labelled)
    if not len(names):
        raise InputError("rounds", "make some labelled row a spy", "none", "Number the round of each spy from 0.")
    votes, total = np.zeros(len(unlabelled)), np.zeros(len(unlabelled))
    for name in names:
        spies = np.flatnonzero(labelled & (rounds == name))
        classes = (labelled & (rounds != name)).astype(np.int64)
        scores = fit_predict(np.arange(len(labelled)), classes, np.concatenate([unlabelled, spies]))[:, 1]
        on_unlabelled, on_spies = np.split(scores, [len(unlabelled)])
        votes += on_unlabelled < spy_threshold(on_spies, lost=lost, weights=None if weights is None else weights[spies])
        total += on_unlabelled
    below = 2 * votes > len(names)
    negative = np.zeros(len(labelled), dtype=np.bool_)
    negative[unlabelled] = below if below.any() else total == total.min()
    return negative
