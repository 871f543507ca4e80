"""INCV: rows whose label a network predicts that learnt from other rows, found by cross-validation in rounds."""

from __future__ import annotations

import numpy as np

from dechaff.typing import FitPredict, Labels, Mask

ROUNDS = 4


def incv(labels: Labels, fit_predict: FitPredict, *, rounds: int = ROUNDS, rng: np.random.Generator) -> Mask:
    """Rows to learn from: their given label is the one predicted by a network that has not seen it.

    In each round, the rows that were not selected yet are halved; each half is predicted by a network that learnt from
    the other half and the selected rows.

    Parameters
    ----------
    labels : (n,) int, 0 … k-1
        Given labels.
    fit_predict : `FitPredict`
        Trains on some rows, predicts others.
    rounds : int
    rng : Generator
        Decides the halves.

    Returns
    -------
    (n,) bool

    Source
    ------
    Chen, Liao, Chen, Zhang (2019), ICML, algorithms 1 and 2. Differs: no rows are removed for a large loss.

    Examples
    --------
    >>> labels = np.array([0, 1] * 20)
    >>> labels[:2] = [1, 0]
    >>> def fit_predict(fit_rows, fit_codes, predict_rows):
    ...     return np.eye(2)[predict_rows % 2]
    >>> np.flatnonzero(~incv(labels, fit_predict, rng=np.random.default_rng(0)))
    array([0, 1])
    """
    selected = np.zeros(len(labels), dtype=np.bool_)
    for _ in range(rounds):
        left = rng.permutation(np.flatnonzero(~selected))
        if len(left) < 2:
            break
        agreed = selected.copy()
        for held, other in ((left[::2], left[1::2]), (left[1::2], left[::2])):
            learn = np.concatenate([np.flatnonzero(selected), other])
            predicted = fit_predict(learn, labels[learn], held).argmax(axis=1)
            agreed[held] = predicted == labels[held]
        selected = agreed
    return selected
