"""How rare a score is among ordinary rows, also beyond the largest that they have."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from dechaff.typing import Numbers

START = 0.9
"""From this quantile on the tail is extrapolated."""
_BODY = ((0.5, 0.75), (0.75, 0.9), (0.8, 0.95))
"""Pairs of quantiles that the decay of the tail is read from. The slowest decay decides."""
_EXPONENTS = (1.0, 0.75, 0.5, 0.25, 0.0)
"""Powers of the scores whose tail may be exponential; 0 stands for their logarithm, whose tail is the heaviest."""
_NOISE = 1.1
"""A decay that gets slower by less than this factor is not taken for slower."""
_DIFFERENT = 0.1
"""If fewer of the scores differ, rows have few different contents, and no tail that could be continued."""
_NEVER = 1e-300


@dataclass(frozen=True)
class UpperTail:
    """The chance that an ordinary row has a score as high as this.

    Parameters
    ----------
    scores : (c,) ascending, at least 0, of the rows that the score was made from, to the power of the exponent
        Some of them may be outliers: counting alone could never find them, for then each of n rows is as rare as its
        rank; so the tail continues the decay of the body.
    start, scale : where the tail begins, and how much further the score is when it is e times as rare.
    exponent : the largest one at which the decay of the body does not get slower: the tail is as light as the body
        lets expect, and no lighter.

    Source
    ------
    Weissman (1978), JASA 73, 812-815: an extreme quantile from the decay of the largest log-values. Differs: the decay
    is read from the body, between the median and the quantile .95, because the largest values may be outliers; and
    a tail that is lighter than that of a power law is extrapolated as such.

    Examples
    --------
    >>> ordinary = -np.log(np.arange(1, 1001) / 1000)
    >>> tail = UpperTail.of(ordinary)
    >>> np.log10(tail.p_values(np.array([0.0, 3.0, 15.0]))).round(1)
    array([ 0. , -1.3, -6.5])
    """

    scores: Numbers
    start: float
    scale: float
    exponent: float

    @classmethod
    def of(cls, scores: Numbers) -> UpperTail:
        """Of any scores from 0 on; if all are equal, none is rare."""
        for exponent in _EXPONENTS:
            known = _to_the_power(np.sort(scores), exponent)
            decays = _decays(known)
            if len(decays) == len(_BODY) and all(later <= _NOISE * sooner for sooner, later in pairwise(decays)):
                break
        start = _quantile(known, START) if decays else np.inf
        return cls(known, start, max(decays, default=1.0), exponent)

    def p_values(self, scores: Numbers) -> Numbers:
        """(n,) float in (0, 1]."""
        c, own = len(self.scores), _to_the_power(np.asarray(scores), self.exponent)
        counted = (1 + c - np.searchsorted(self.scores, own, side="left")) / (c + 1)
        with np.errstate(invalid="ignore", under="ignore"):
            decayed = (1 - START) * np.exp(np.minimum(self.start - own, 0) / self.scale)
        return np.maximum(np.where(own > self.start, decayed, np.minimum(counted, 1.0)), _NEVER)


def _to_the_power(scores: Numbers, exponent: float) -> Numbers:
    return np.asarray(np.log(np.maximum(scores, _NEVER)) if exponent == 0 else scores**exponent)


def _quantile(known: Numbers, at: float) -> float:
    return float(known[min(int(at * len(known)), len(known) - 1)])


def _decays(known: Numbers) -> list[float]:
    """How much higher the score is when it is e times as rare, by pair of quantiles; without those that are equal."""
    if not len(known) or len(np.unique(known)) < _DIFFERENT * len(known):
        return []
    ends = [(_quantile(known, low), _quantile(known, high), np.log((1 - low) / (1 - high))) for low, high in _BODY]
    return [float((high - low) / factor) for low, high, factor in ends if low < high < np.inf]
