"""Positive-unlabelled learning in four steps, one short function each.

Every row has features x and a mark s: 1 if it was labelled positive, 0 if nothing is known. The truth y is
hidden, and two things are assumed. No label is wrong: ``p(s=1 | x, y=0) = 0``. And positives were labelled completely
at random: ``p(s=1 | x, y=1) = p(s=1 | y=1) = c``. Then any model of s is a model of y, but for one number:

    p(s=1 | x) = p(y=1 | x) p(s=1 | y=1, x) + p(y=0 | x) p(s=1 | y=0, x) = p(y=1 | x) c + 0,

    so  f(x) = p(y=1 | x) = p(s=1 | x) / c = g(x) / c.

1. `out_of_fold_label_probs`: g for every training row, by models that have not seen it.
2. `label_frequency`: c, the mean of g over the labelled rows.
3. `fresh_label_probs`: those models are thrown away; one is trained on all rows, and gives g where it is wanted.
4. `positive_probs` and `is_positive`: f = g / c, at most 1; positive where f is at least one half.

Two slips are met in teaching material. The "key idea" is sometimes printed as the product
``p(y=1|x) = p(s=1|x) * p(s=1|x, y=1)``: it is a division, as above. And the printed check that g(x) = c on labelled
rows puts s = 1 if y = 1 belongs, in two places: ``p(s=1 | x, s=1)`` would be 1 whatever x is. The right derivation
is the lemma above at a positive row, ``g(x) = c f(x)``, which equals c only if f(x) = 1: where the classes do not
overlap. Where they do, step 2 gives ``c E[f(x) | y=1]``, which is too low.

Source: Elkan, Noto (2008), Learning classifiers from only positive and unlabeled data, KDD, lemma 1 and section 3.
"""

from __future__ import annotations

import numpy as np

from dechaff.errors import InputError
from dechaff.methods.pu.scheme import check_c
from dechaff.typing import Figures, FitPredict, Groups, Mask, Numbers, Rows


def out_of_fold_label_probs(fit_predict: FitPredict, labelled: Mask, folds: Groups) -> Numbers:
    """Step 1: g(x) = p(s = 1 | x) for every row, from a model that was trained on all folds but the row's own.

    A model's predictions for rows that it was trained on run towards 0 and 1, and are never used.

    Parameters
    ----------
    fit_predict : the model, bound to the rows; learns codes 0 (unlabelled) and 1 (labelled).
    labelled : (n,) bool
    folds : (n,) int
        Number of each row's fold; -1 leaves a row out.

    Returns
    -------
    (n,) float in [0, 1]
        NaN for rows that were left out.

    Source
    ------
    Elkan, Noto (2008), KDD, section 3. Differs: cross-validation instead of one validation set, so that every row
    is both learned from and predicted.

    Examples
    --------
    >>> def share_of_labelled(fit_rows, fit_codes, predict_rows):
    ...     return np.tile([1 - fit_codes.mean(), fit_codes.mean()], (len(predict_rows), 1))
    >>> out_of_fold_label_probs(share_of_labelled, np.array([True, False, False, False]), np.array([0, 0, 1, 1]))
    array([0. , 0. , 0.5, 0.5])
    """
    label_probs = np.full(len(labelled), np.nan)
    for fold in np.unique(folds[folds >= 0]):
        train, held_out = np.flatnonzero((folds != fold) & (folds >= 0)), np.flatnonzero(folds == fold)
        label_probs[held_out] = fit_predict(train, labelled[train].astype(np.int64), held_out)[:, 1]
    return label_probs


def label_frequency(label_probs: Numbers, labelled: Mask, *, weights: Numbers | None = None) -> float:
    """Step 2: c = p(s = 1 | y = 1), as the mean of g over the labelled rows.

    On rows, what `class_prior.e1` is on binned scores. Too low where classes overlap, by the factor E[f(x) | y = 1];
    the other files of `class_prior` bear that.

    Parameters
    ----------
    label_probs : (n,) float from 0 to 1
        Out-of-fold g of `out_of_fold_label_probs`.
    labelled : (n,) bool
    weights : (n,) float, at least 0
        How often each row counts.

    Returns
    -------
    float in [0, 1]

    Raises
    ------
    InputError
        If no row is labelled.

    Source
    ------
    Elkan, Noto (2008), KDD, section 3, e1.

    Examples
    --------
    >>> label_frequency(np.array([0.5, 0.7, 0.1]), np.array([True, True, False]))
    0.6
    """
    seen = labelled if weights is None else labelled & (weights > 0)
    if not seen.any():
        raise InputError("labelled", "mark at least one row", "none", "Pass labelled positives.")
    return float(np.average(label_probs[seen], weights=None if weights is None else weights[seen]))


def fresh_label_probs(fit_predict: FitPredict, labelled: Mask, predict_rows: Rows) -> Figures:
    """Step 3: g(x) of the given rows, from one new model that is trained on all rows.

    Parameters
    ----------
    fit_predict, labelled : as in `out_of_fold_label_probs`
    predict_rows : (m,) int
        Rows to predict; best such as are not among the n, for g of rows that were learned from is too sure.

    Returns
    -------
    (m,) float in [0, 1]

    Source
    ------
    Elkan, Noto (2008), KDD, section 3.

    Examples
    --------
    >>> def share_of_labelled(fit_rows, fit_codes, predict_rows):
    ...     return np.tile([1 - fit_codes.mean(), fit_codes.mean()], (len(predict_rows), 1))
    >>> fresh_label_probs(share_of_labelled, np.array([True, False, False, False]), np.array([4, 5]))
    array([0.25, 0.25])
    """
    return fit_predict(np.arange(len(labelled)), labelled.astype(np.int64), predict_rows)[:, 1]


def positive_probs(label_probs: Numbers, c: float) -> Numbers:
    """Step 4: f(x) = p(y = 1 | x) = g(x) / c, at most 1.

    If the model is surer of a label than c allows, the quotient would exceed 1, which no probability does.

    Parameters
    ----------
    label_probs : (n,) float from 0 to 1
        g; out of fold, or of new rows.
    c : float in (0, 1]

    Returns
    -------
    (n,) float in [0, 1]

    Raises
    ------
    InputError
        If c is outside (0, 1].

    Source
    ------
    Elkan, Noto (2008), KDD, lemma 1. Differs: cut at 1.

    Examples
    --------
    >>> positive_probs(np.array([0.1, 0.2, 0.5]), 0.4)
    array([0.25, 0.5 , 1.  ])
    """
    check_c(c)
    return np.minimum(label_probs / c, 1.0)


def is_positive(positive_probs: Numbers) -> Mask:
    """Step 4, the prediction: positive if f is at least one half, which is g >= c / 2.

    Examples
    --------
    >>> is_positive(np.array([0.25, 0.5, 1.0]))
    array([False,  True,  True])
    """
    return positive_probs >= 0.5
