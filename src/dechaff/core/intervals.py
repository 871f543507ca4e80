"""Confidence intervals of a proportion: Wilson's, Jeffreys's, and the exact one of Clopper and Pearson; and whether an
interval says anything."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Z_95 = 1.959963984540054
_Numbers = npt.NDArray[np.float64]


def wilson_interval(proportion: Any, n: Any, *, z: float = Z_95) -> tuple[_Numbers, _Numbers]:
    """Score interval of proportions seen in `n` rows, at 95 % by default.

    Source
    ------
    Wilson (1927), Journal of the American Statistical Association 22.

    Examples
    --------
    >>> low, high = wilson_interval(0.8, 10)
    >>> low.round(3).item(), high.round(3).item()
    (0.49, 0.943)
    """
    shrink = 1 / (1 + z**2 / n)
    margin = np.sqrt(proportion * (1 - proportion) / n + (z / (2 * n)) ** 2) * (z * shrink)
    centre = (proportion + z**2 / (2 * n)) * shrink
    return np.maximum(centre - margin, 0), np.minimum(centre + margin, 1)


def jeffreys_interval(hits: float, n: float) -> tuple[float, float]:
    """95 % interval by the posterior of Jeffreys's prior; `hits` need not be whole.

    Source
    ------
    Brown, Cai, DasGupta (2001), Statistical Science 16.

    Examples
    --------
    >>> low, high = jeffreys_interval(9, 10)
    >>> round(low, 3), round(high, 3)
    (0.619, 0.989)
    """
    from scipy.special import betaincinv

    low, high = betaincinv(hits + 0.5, n - hits + 0.5, [0.025, 0.975])
    return float(low), float(high)


def clopper_pearson_low(hits: Any, n: Any, *, chance: float) -> _Numbers:
    """Exact lower confidence bound of proportions, wrong with probability `chance`; `hits` are above 0.

    Source
    ------
    Clopper, Pearson (1934), Biometrika 26.
    """
    from scipy.special import betaincinv

    return np.asarray(betaincinv(hits, n - hits + 1, chance))


def clopper_pearson_interval(hits: int, n: int, *, coverage: float = 0.95) -> tuple[float, float]:
    """Exact interval of a proportion, from `hits` in a sample of `n`.

    Source
    ------
    Clopper, Pearson (1934), Biometrika 26.

    Examples
    --------
    >>> low, high = clopper_pearson_interval(9, 10)
    >>> round(low, 3), round(high, 3)
    (0.555, 0.997)
    """
    chance = (1 - coverage) / 2
    low = clopper_pearson_low(hits, n, chance=chance) if hits else 0.0
    high = 1 - clopper_pearson_low(n - hits, n, chance=chance) if hits < n else 1.0
    return float(low), float(high)


def is_informative(value: float, low: float, high: float, *, of: float) -> bool:
    """Whether the interval of a count among `of` rows is narrower than the count, or than a quarter of the rows.

    Examples
    --------
    >>> is_informative(80, 70, 88, of=100), is_informative(2, 0, 5, of=100), is_informative(50, 0, 50, of=50)
    (True, True, False)
    """
    return high - low < max(value, of / 4)
