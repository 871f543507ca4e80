"""Small pieces of sentences: counts, lists and percentages."""

from __future__ import annotations

from collections.abc import Sequence


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
