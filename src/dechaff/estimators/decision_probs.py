"""Probabilities from decision values of rows that the model has not seen."""

from __future__ import annotations

import numpy as np
from sklearn.linear_model import LogisticRegression

from dechaff.typing import Features, Labels, Probs


def decision_probs(decisions: Features, labels: Labels) -> Probs:
    """What held-out decision values say of the classes, as probabilities that agree with the given labels on average.

    Parameters
    ----------
    decisions : (n, k) float
        Of models that have not seen the row; in-sample ones are too far from zero.
    labels : (n,) int, 0 … k-1, two classes or more among them
        Given labels; may be wrong, for what is wanted is the probability of a label.

    Returns
    -------
    (n, k) float, rows sum to 1

    Source
    ------
    Platt (1999), Probabilistic outputs for support vector machines; with more than two classes, multinomial logistic
    regression on all decision values.

    Examples
    --------
    >>> decisions = np.array([[2.0, -2.0], [1.0, -1.0], [-1.0, 1.0], [-2.0, 2.0]]).repeat(20, axis=0)
    >>> decision_probs(decisions, np.repeat([0, 1], 40))[[0, -1], 1].round(1)
    array([0., 1.])
    """
    decisions = np.asarray(decisions, dtype=np.float64)
    scale = np.maximum(np.abs(decisions).mean(axis=0), np.finfo(float).tiny)
    scaled = decisions / scale
    model = LogisticRegression(max_iter=1000).fit(scaled, labels)
    probs = np.zeros(scaled.shape)
    probs[:, model.classes_] = model.predict_proba(scaled)
    return probs
