"""How many labels of random rows would teach as much as the labels that were chosen."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dechaff.typing import Mask

_DRAWS = 1_000
_RATES = (0.1, 2.0)
"""The exponent by which errors fall with the labels lies between these."""
_PATTERNS = np.array([[0, 0, 0, 0, 1, 1, 1, 1], [0, 0, 1, 1, 0, 0, 1, 1], [0, 1, 0, 1, 0, 1, 0, 1]])
MOST_TIMES = 10.0
"""So many times more labels than there are is as far as the curve is continued."""


def labels_saved(
    half: Mask, whole: Mask, chosen: Mask, *, sizes: tuple[int, int, int], seed: int
) -> tuple[float, float, float]:
    """The labels that random rows would need beyond those there are, to be right as often; with a 95 % interval.

    The errors of models that learn from random rows alone are continued as a power of the number of labels. Below zero,
    random rows would have needed fewer labels.

    Parameters
    ----------
    half, whole, chosen : (n,) bool
        Whether three models are right on the rows of the control arm, which they have not learnt from: those of half of
        the random labels, of all of them, and of all labels.
    sizes : numbers of labels that they have learnt from.
    seed : of the bootstrap over rows.

    Returns
    -------
    mean, low, high : float

    Source
    ------
    Power law of learning curves: Viering, Loog (2023), The shape of learning curves, IEEE TPAMI 45.

    Examples
    --------
    >>> rows = np.arange(400)
    >>> half, whole, chosen = rows % 5 > 0, rows % 8 > 0, rows % 16 > 0
    >>> [round(one) for one in labels_saved(half, whole, chosen, sizes=(50, 100, 150), seed=0)]
    [126, 11, 850]
    """
    n = len(half)
    # Rows of one pattern are equal, so that a resample is one draw of the eight counts.
    counts = np.bincount(4 * half.astype(np.int64) + 2 * whole + chosen, minlength=8)
    drawn = np.random.default_rng(seed).multinomial(n, counts / n, _DRAWS)
    low, high = np.quantile(_needed(_PATTERNS @ drawn.T, n, sizes) - sizes[2], [0.025, 0.975])
    mean = float(_needed(_PATTERNS @ counts, n, sizes) - sizes[2])
    return mean, float(min(low, mean)), float(max(high, mean))


def _needed(right: npt.NDArray[np.int64], n: int, sizes: tuple[int, int, int]) -> npt.NDArray[np.float64]:
    """Random labels that reach the accuracy of all labels; `right` (3, …) of n."""
    of_half, of_whole, of_chosen = (n - right + 0.5) / (n + 1)
    rate = np.clip(np.log(of_half / of_whole) / np.log(sizes[1] / sizes[0]), *_RATES)
    times = np.exp(np.clip(np.log(of_whole / of_chosen) / rate, -np.log(MOST_TIMES), np.log(MOST_TIMES)))
    return np.asarray(sizes[1] * times)
