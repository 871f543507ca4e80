"""Random numbers within bounds that add up to a given sum."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dechaff.errors import InputError

_SLACK = 1e-6
Shares = npt.NDArray[np.float64]


def bounded_shares(n: int, total: float, low: float, high: float, random: np.random.Generator) -> Shares:
    """(n,) random numbers from `low` to `high` that add up to `total`.

    A point of the simplex, above the lower bounds or below the upper ones, whichever are nearer to the sum. What
    sticks out of the others is cut off, and shared out by the room that is left.
    """
    if n == 0:
        return np.empty(0)
    if not n * low - _SLACK <= total <= n * high + _SLACK:
        raise InputError(
            "the sum of the probabilities",
            f"lie from {n * low:g} to {n * high:g}, because each of {n} lies from {low:g} to {high:g}",
            f"{total:g}",
            "Widen the bounds, or change the sum.",
        )
    above, below = max(total - n * low, 0.0), max(n * high - total, 0.0)
    point = random.dirichlet(np.ones(n))
    shares = np.clip(low + point * above if above <= below else high - point * below, low, high)
    gap = total - shares.sum()
    room = high - shares if gap > 0 else shares - low
    return np.clip(shares + gap * room / room.sum(), low, high) if room.sum() > 0 else shares


def bounded_counts(total: int, n: int, low: float, high: float, random: np.random.Generator) -> npt.NDArray[np.int64]:
    """(n,) random whole numbers from `low` to `high` that add up to `total`."""
    shares = bounded_shares(n, float(total), low, high, random)
    counts = np.floor(shares).astype(np.int64)
    left = total - int(counts.sum())
    largest_remainders = np.argsort(counts - shares, kind="stable")
    counts[largest_remainders[:left]] += 1
    return counts
