"""Rows whose labels would change a linear model in different directions."""

from __future__ import annotations

import numpy as np

from dechaff.methods.active.view import PoolView
from dechaff.typing import Rows


def badge(view: PoolView, n: int, rng: np.random.Generator) -> Rows:
    """k-means++ over the gradients that each row would give if the most probable class were its label.

    The gradient is the outer product of a class error and the features, so products of two gradients are products of
    two short products: memory grows with classes plus features, not with their product.

    Parameters and result as in `random_rows`. ``rng`` draws the rows. Needs probabilities.

    Source
    ------
    Ash, Zhang, Krishnamurthy, Langford, Agarwal (2020), Deep batch active learning by diverse, uncertain gradient
    lower bounds, ICLR, algorithm 1. The first row is the one of the longest gradient.

    Examples
    --------
    >>> rows, probs = np.array([[1.0], [1.0], [-1.0]]), np.array([[0.6, 0.4], [0.99, 0.01], [0.4, 0.6]])
    >>> sorted(badge(PoolView(rows, rows[:0], probs), 2, np.random.default_rng(0)).tolist())
    [0, 2]
    """
    error = view.known_probs.copy()
    error[np.arange(len(error)), error.argmax(axis=1)] -= 1.0
    features = np.hstack([view.features, np.ones((len(error), 1))])
    length = (error**2).sum(axis=1) * (features**2).sum(axis=1)
    apart, chosen = length.copy(), [int(length.argmax())]
    free = np.ones(len(length), dtype=bool)
    while len(chosen) < n:
        at = chosen[-1]
        free[at] = False
        product = (error @ error[at]) * (features @ features[at])
        apart = np.where(free, np.minimum(apart, np.maximum(length + length[at] - 2 * product, 0.0)), 0.0)
        odds = apart if apart.sum() > 0 else free.astype(np.float64)
        chosen.append(int(rng.choice(len(odds), p=odds / odds.sum())))
    return np.array(chosen[:n], dtype=np.int64)
