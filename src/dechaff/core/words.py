"""Small pieces of sentences: counts, lists and percentages."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np


def listed(names: Sequence[str], most: int = 5) -> str:
    """The names with commas, the first ones of a long list.

    Examples
    --------
    >>> listed(["a", "b"]), listed(list("abcdefg"))
    ('a, b', 'a, b, c, d, e and 2 more')
    """
    shown = ", ".join(names[:most])
    rest = len(names) - most
    return f"{shown} and {rest} more" if rest > 0 else shown


def counted(number: int, noun: str, plural: str = "") -> str:
    """``1 row``, ``1,234 rows``.

    Examples
    --------
    >>> counted(1, "row"), counted(1234, "row")
    ('1 row', '1,234 rows')
    """
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def mean_words(texts: Sequence[str]) -> float:
    """Words of a text, on average; 0 if there is none."""
    return sum(len(text.split()) for text in texts) / max(len(texts), 1)


def percent(share: float) -> str:
    """A fraction as a percentage; never rounded to 0 % or 100 %.

    Examples
    --------
    >>> percent(0.5), percent(0.0004), percent(0.9997), percent(1.0)
    ('50 %', 'less than 0.1 %', 'more than 99.9 %', '100 %')
    """
    if 0 < share < 0.001:
        return "less than 0.1 %"
    if 0.999 < share < 1:
        return "more than 99.9 %"
    return f"{100 * share:.1f}".removesuffix(".0") + " %"


_DAY = 86_400


def numbers_in_words(values: Sequence[float], *, dates: bool = False) -> list[str]:
    """Numbers as a reader writes them; `dates` are seconds since 1970, written as days if they span more than two.

    Examples
    --------
    >>> numbers_in_words([1780.0, 0.12345678, float("inf")]), numbers_in_words([0.0, 1e6], dates=True)
    (['1,780', '0.1235', 'infinite'], ['1970-01-01', '1970-01-12'])
    """
    if dates:
        unit = "D" if max(values) - min(values) > 2 * _DAY else "s"
        return [str(np.datetime64(int(value), "s").astype(f"datetime64[{unit}]")) for value in values]
    return [_number(value) for value in values]


def _number(value: float) -> str:
    if not math.isfinite(value):
        return "infinite"
    return f"{value:,.0f}" if value == round(value) and abs(value) < 1e12 else f"{value:,.4g}"
