"""The control arm: an order of the pool that is as good as random, whose first rows are an unbiased sample of it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dechaff.core.row_hash import Hashes, mixed

_STRIDE = np.uint64(0x9E3779B97F4A7C15)


def control_order(hashes: Hashes, *, seed: int) -> Hashes:
    """A number for each row; the rows with the smallest are a random sample without replacement, of any size.

    The sample depends on the content of the rows and on the seed, and grows from batch to batch. Rows that are
    `reserved` for it must not be chosen for another reason: without the chosen ones hard rows would be too few in the
    sample, and with them accuracy would be underestimated, because a chosen row stands for its neighbours.

    Parameters
    ----------
    hashes : (n,) uint64
        Of the content of the rows.
    seed : int, 0 or more

    Returns
    -------
    (n,) uint64

    Source
    ------
    Sampling by sorted hashes: Duffield, Grossglauser (2000), Trajectory sampling for direct traffic observation,
    SIGCOMM.

    Examples
    --------
    >>> order = control_order(np.arange(1000, dtype=np.uint64), seed=0)
    >>> first = np.argsort(order)[:100]
    >>> bool(400 < first.mean() < 600), bool((order == control_order(np.arange(1000, dtype=np.uint64), seed=1)).any())
    (True, False)
    """
    return np.asarray(mixed(hashes ^ mixed(np.array([seed + 1], dtype=np.uint64) * _STRIDE)), dtype=np.uint64)


def inside(order: Hashes, last: int | None) -> npt.NDArray[np.bool_]:
    """(n,) the rows up to the last one that was drawn; none if it is None.

    Examples
    --------
    >>> inside(np.array([5, 9], dtype=np.uint64), 5)
    array([ True, False])
    """
    return np.zeros(len(order), dtype=np.bool_) if last is None else np.asarray(order <= np.uint64(last))


def reserved(order: Hashes, fraction: float) -> npt.NDArray[np.bool_]:
    """(n,) the rows that only the control arm may take: about this fraction of them, the first ones of the order.

    Examples
    --------
    >>> int(reserved(control_order(np.arange(1000, dtype=np.uint64), seed=0), 0.1).sum())
    111
    """
    return np.asarray(order < fraction * 2.0**64)
