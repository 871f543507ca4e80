"""The true class of a row, given a soft label, what the model says, and how labels go wrong."""

from __future__ import annotations

import numpy as np

from dechaff.typing import ClassMatrix, Labels, Probs, Score

_TINY = 1e-300


def soft_posterior(soft_labels: Probs, true_probs: Probs, *, transition: ClassMatrix, weight: float = 1.0) -> Probs:
    """Probability of each true class of each row, after its soft label has been taken into account.

    A label i speaks for the true class j by ``T[i, j]``; a soft label speaks by the geometric mean of what its classes
    say, ``prod_i T[i, j] ** soft[i]``. So a label that is all on one class counts as that plain label, and one that
    is spread evenly says nothing. Several answers of one row count together as one: annotators err in the same rows,
    and counting each as evidence of its own measured worse, the more so the more there were.

    Parameters
    ----------
    soft_labels : (n, k) float, rows sum to 1
        Given distributions; may be wrong.
    true_probs : (n, k) float, rows sum to 1
        What the model says of the true class.
    transition : (k, k) float, columns sum to 1
        ``T[i, j]`` = p(given = i | true = j), above zero, of a label drawn from the soft one.
    weight : float from 0 to 1
        Weight of the labels: below 1 if annotators err in the same rows as the model.

    Returns
    -------
    (n, k) float, rows sum to 1

    Source
    ------
    Genest, Zidek (1986), Statistical Science 1, logarithmic opinion pool.

    Examples
    --------
    >>> noisy = np.array([[0.8, 0.2], [0.2, 0.8]])
    >>> soft_posterior(np.array([[1.0, 0.0], [0.5, 0.5]]), np.full((2, 2), 0.5), transition=noisy)
    array([[0.8, 0.2],
           [0.5, 0.5]])
    """
    logs = np.log(np.maximum(true_probs, _TINY)) + weight * (soft_labels @ np.log(np.maximum(transition, _TINY)))
    raised = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def divergence(soft_labels: Probs, probs: Probs) -> Score:
    """How far two distributions of each row are apart: 0 = alike, 1 = nothing in common.

    A plain measure without a noise model; to find wrong labels `soft_posterior` measured far better, since a sure
    model and an even soft label are far apart though neither is wrong.

    Parameters
    ----------
    soft_labels, probs : (n, k) float, rows sum to 1

    Returns
    -------
    (n,) float in [0, 1]

    Source
    ------
    Lin (1991), IEEE Transactions on Information Theory 37, Jensen-Shannon divergence, in bits.

    Examples
    --------
    >>> divergence(np.array([[1.0, 0.0], [0.5, 0.5]]), np.array([[0.0, 1.0], [0.5, 0.5]]))
    array([1., 0.])
    """
    middle = (soft_labels + probs) / 2
    return np.asarray(np.clip((_excess_bits(soft_labels, middle) + _excess_bits(probs, middle)) / 2, 0, 1))


def _excess_bits(probs: Probs, other: Probs) -> Score:
    """Kullback-Leibler divergence of each row."""
    return np.asarray((probs * np.log2(np.maximum(probs, _TINY) / np.maximum(other, _TINY))).sum(axis=1))


GOLDEN = 0.6180339887498949
_SLACK = 1e-9


def drawn_labels(soft_labels: Probs) -> Labels:
    """A label for each row, each class as often as the soft labels give it; no chance in it.

    In place of random numbers stand multiples of the golden ratio, which fill the unit interval evenly however many are
    taken: the same rows give the same labels, and shares come out closer than random draws would bring them.

    Parameters
    ----------
    soft_labels : (n, k) float, rows sum to 1
        Given distributions.

    Returns
    -------
    (n,) int, 0 … k-1

    Source
    ------
    Weyl (1916), Mathematische Annalen 77: multiples of an irrational number are equally spread.

    Examples
    --------
    >>> drawn_labels(np.array([[0.5, 0.5], [0.5, 0.5], [0.0, 1.0], [0.5, 0.5]]))
    array([0, 1, 1, 1])
    """
    units = (np.arange(len(soft_labels)) * GOLDEN) % 1
    below = np.cumsum(soft_labels, axis=1) <= units[:, None] + _SLACK
    last = soft_labels.shape[1] - 1 - (soft_labels[:, ::-1] > 0).argmax(axis=1)  # rounding may leave a sum below one
    return np.asarray(np.minimum(below.sum(axis=1), last), dtype=np.int64)
