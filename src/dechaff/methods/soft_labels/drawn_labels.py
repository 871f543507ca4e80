"""One plain label for each soft one, so that what is known of plain labels can be read from them."""

from __future__ import annotations

import numpy as np

from dechaff.typing import Labels, Probs

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
