"""What the labels of the nearest rows say of a row's own."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dechaff.methods.label_evidence.nearest_rows import Neighbours
from dechaff.typing import Labels, Probs

PRIOR_VOTES = 1.0
"""The class shares count as so many neighbours: no class is ever impossible."""


def neighbour_votes(labels: Labels, nearest: Neighbours, n_classes: int) -> Probs:
    """Share of each given label among the nearest rows: p(given label | row), without a model.

    The neighbours' labels are as noisy as any, so this speaks of *given* labels, as a model trained on them does; the
    noise posterior takes the noise out of both in the same way. A row's own label never votes.

    Parameters
    ----------
    labels : (n,) int, 0 … k-1
        Given labels; may be wrong.
    nearest : (n, c) int
        Positions of the nearest other rows; -1 = none. Made by `nearest_rows`.
    n_classes : k

    Returns
    -------
    (n, k) float, rows sum to 1

    Source
    ------
    Zhu, Dong, Liu (2022), Detecting corrupted labels without training a model to predict, ICML. Differs: votes are
    one more opinion beside a model's, not the verdict, and are smoothed by the class shares.

    Examples
    --------
    >>> neighbour_votes(np.array([0, 0, 1]), np.array([[1, 2], [0, 2], [0, 1]]), 2).round(2)
    array([[0.56, 0.44],
           [0.56, 0.44],
           [0.89, 0.11]])
    """
    prior = np.bincount(labels, minlength=n_classes) / max(len(labels), 1)
    counts = neighbour_counts(labels, nearest, n_classes) + PRIOR_VOTES * prior
    return np.asarray(counts / counts.sum(axis=1, keepdims=True))


def neighbour_counts(labels: Labels, nearest: Neighbours, n_classes: int) -> npt.NDArray[np.float64]:
    """(m, k) how many of the nearest rows carry each label."""
    rows, places = np.nonzero(nearest >= 0)
    cells = rows * n_classes + labels[nearest[rows, places]]
    counts = np.bincount(cells, minlength=len(nearest) * n_classes)
    return np.asarray(counts.reshape(len(nearest), n_classes), dtype=np.float64)
