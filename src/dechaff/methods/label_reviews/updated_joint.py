"""Rows by given and true class, after reviews have corrected the scores."""

from __future__ import annotations

import numpy as np

from dechaff.methods.label_reviews.review_strata import Reviewed, TrueCodes
from dechaff.typing import ClassMatrix, Labels, Numbers

_TINY = 1e-12


def updated_joint(
    joint: ClassMatrix,
    labels: Labels,
    suggested: Labels,
    before: Numbers,
    after: Numbers,
    *,
    reviewed: Reviewed,
    true: TrueCodes,
) -> ClassMatrix:
    """Expected number of rows by given label (row) and true class (column), with what reviews have taught.

    A cell off the diagonal grows or shrinks as the scores of the rows do that stand for it: those with its given
    label for which its true class is the suggested one. Rows that were read count as what people said they are.

    Parameters
    ----------
    joint : (k, k) float
        Before the reviews.
    labels : (n,) int
        Given labels.
    suggested : (n,) int
        Most probable other class.
    before, after : (n,) float
        Log-odds of being wrong.
    reviewed : (r,) int
        Positions of the rows that were read.
    true : (r,) int
        What people said; -1 = none of the classes, which counts nowhere.

    Returns
    -------
    (k, k) float
        Row i adds up to the number of labels i, less the rows that belong to no class.

    Source
    ------
    Own: posterior counts of a transition matrix, as in Patrini et al. (2017), CVPR, scaled cell by cell.

    Examples
    --------
    >>> labels, suggested = np.array([0, 0, 1]), np.array([1, 1, 0])
    >>> joint = np.array([[1.0, 1.0], [0.5, 0.5]])
    >>> doubled = np.array([-10.0, 20.0, 0.0])
    >>> updated_joint(
    ...     joint, labels, suggested, np.zeros(3), doubled, reviewed=np.array([0]), true=np.array([0])
    ... ).round(1)
    array([[1. , 1. ],
           [0.5, 0.5]])
    """
    from scipy.special import expit

    k = len(joint)
    unread = np.ones(len(labels), dtype=bool)
    unread[reviewed] = False
    pair = labels * k + suggested
    was = np.bincount(pair, weights=expit(before), minlength=k * k).reshape(k, k)
    now = np.bincount(pair[unread], weights=expit(after[unread]), minlength=k * k).reshape(k, k)
    off = np.where(np.eye(k, dtype=bool), 0.0, joint * now / np.maximum(was, _TINY))
    rows = np.bincount(labels[unread], minlength=k)
    off *= np.minimum(1.0, rows / np.maximum(off.sum(axis=1), _TINY))[:, None]
    taught = off + np.diag(rows - off.sum(axis=1))
    known = true >= 0
    np.add.at(taught, (labels[reviewed[known]], true[known]), 1.0)
    return taught
