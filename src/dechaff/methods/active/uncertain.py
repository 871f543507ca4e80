"""Uncertainty of a model about each row: margin and entropy; and the rows about which it is least sure."""

from __future__ import annotations

import numpy as np

from dechaff.methods.active.view import PoolView
from dechaff.typing import Probs, Rows, Score


def margin_score(probs: Probs) -> Score:
    """One minus the lead of the most probable class over the next.

    Parameters
    ----------
    probs : (n, k) float, rows sum to 1, k at least 2

    Returns
    -------
    (n,) float in [0, 1]
        Higher = label this first.

    Source
    ------
    Scheffer, Decomain, Wrobel (2001), Active hidden Markov models for information extraction, IDA.

    Examples
    --------
    >>> margin_score(np.array([[0.9, 0.1], [0.5, 0.5]])).round(2)
    array([0.2, 1. ])
    """
    two = np.partition(probs, -2, axis=1)[:, -2:]
    return np.asarray(1.0 - (two[:, 1] - two[:, 0]))


def entropy_score(probs: Probs) -> Score:
    """Entropy of the probabilities, as a fraction of its greatest value.

    Parameters and result as in `margin_score`.

    Source
    ------
    Settles (2009), Active learning literature survey, section 3.1.

    Examples
    --------
    >>> entropy_score(np.array([[0.9, 0.1], [0.5, 0.5]])).round(2)
    array([0.47, 1.  ])
    """
    logs = np.log(np.where(probs > 0, probs, 1.0))
    return np.asarray(-(probs * logs).sum(axis=1) / np.log(probs.shape[1]))


def margin(view: PoolView, n: int, rng: np.random.Generator) -> Rows:
    """The n rows of the highest `margin_score`; parameters and result as in `random_rows`."""
    return _highest(margin_score(view.known_probs), n)


def entropy(view: PoolView, n: int, rng: np.random.Generator) -> Rows:
    """The n rows of the highest `entropy_score`; parameters and result as in `random_rows`."""
    return _highest(entropy_score(view.known_probs), n)


def random_rows(view: PoolView, n: int, rng: np.random.Generator) -> Rows:
    """Rows drawn at random: what every strategy must beat, and the control arm of a batch.

    Parameters
    ----------
    view : PoolView of n rows
    n : how many, at most the rows of the pool
    rng : draws the rows

    Returns
    -------
    (m,) int
        Positions in the pool, the first to label in front.

    Examples
    --------
    >>> pool = PoolView(np.zeros((5, 1)), np.zeros((0, 1)))
    >>> sorted(random_rows(pool, 5, np.random.default_rng(0)).tolist())
    [0, 1, 2, 3, 4]
    """
    return np.asarray(rng.choice(len(view.features), n, replace=False), dtype=np.int64)


def _highest(score: Score, n: int) -> Rows:
    return np.argsort(-score, kind="stable")[:n]
