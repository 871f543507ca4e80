"""How many of n items are hits, by a random sample: an interval that holds after each draw."""

from __future__ import annotations

import math
from collections.abc import Callable

from dechaff.errors import InputError

CHANCE = 0.05


def anytime_count(n: int, drawn: int, hits: int, *, chance: float = CHANCE) -> tuple[int, int]:
    """Least and largest number of hits among n items, by a random sample without replacement that may end at any time.

    The interval holds for all sample sizes at once with probability ``1 - chance``: one may look after each draw and
    stop when one likes, even at a size that was chosen with later draws in view. A count K stays in the interval if
    ``(t + 1) Hyp(h; n, K, t) > chance``, with t items drawn and h hits among them.

    Parameters
    ----------
    n : number of items.
    drawn : how many of them were drawn, in random order.
    hits : how many of those were hits.
    chance : of ever missing the true number.

    Returns
    -------
    (low, high)
        Numbers of items.

    Raises
    ------
    InputError
        If there are more hits than items drawn, or more drawn than there are.

    Source
    ------
    Waudby-Smith, Ramdas (2020), NeurIPS, Confidence sequences for sampling without replacement, theorem 2.1: the ratio
    of prior to posterior, here with the uniform prior, for which it has this closed form.

    Examples
    --------
    >>> anytime_count(100, 0, 0), anytime_count(100, 20, 18), anytime_count(100, 100, 90)
    ((0, 100), (62, 98), (90, 90))
    """
    if not 0 <= hits <= drawn <= n:
        found = f"{hits} hits among {drawn} drawn of {n} items"
        raise InputError(
            "the sample", "count no more hits than draws, and no more draws than items", found, "Count each once."
        )
    least, most = hits, n - (drawn - hits)
    bound = math.log(chance) - math.log(drawn + 1)
    mode = min(max(round(hits * n / drawn), least), most) if drawn else least

    def stays(count: int) -> bool:
        return _log_chance(n, count, drawn, hits) > bound

    if not drawn:
        return least, most
    return _first(least, mode, stays), -_first(-most, -mode, lambda count: stays(-count))


def _first(low: int, high: int, stays: Callable[[int], bool]) -> int:
    """The least number from which on all up to `high` stay: the chance rises up to there."""
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if stays(middle) else (middle + 1, high)
    return low


def _log_chance(n: int, count: int, drawn: int, hits: int) -> float:
    """Likelihood of the number of hits in the sample, for each number of hits among the items."""
    if hits > count or drawn - hits > n - count:
        return -math.inf
    return _log_choose(count, hits) + _log_choose(n - count, drawn - hits) - _log_choose(n, drawn)


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
