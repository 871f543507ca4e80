"""Numbers as text, and the text of users made safe to display: the same in every form of the report."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Container, Iterable
from dataclasses import dataclass

from dechaff.records.metrics import SealedRows

UNKNOWN = "not known"
_SPACE = "\N{NO-BREAK SPACE}"


def count(number: float | None) -> str:
    """A whole number with thousands set apart.

    >>> count(12345)
    '12,345'
    """
    return UNKNOWN if number is None or not math.isfinite(number) else f"{round(number):,}"


def percent(fraction: float | None) -> str:
    """A proportion in [0, 1] as a percentage that is never rounded to 0 or 100.

    >>> percent(0.1234), percent(0.0002), percent(0.99996), percent(1.0)
    ('12.3\\xa0%', 'under 0.1\\xa0%', 'over 99.9\\xa0%', '100\\xa0%')
    """
    if fraction is None or not math.isfinite(fraction):
        return UNKNOWN
    if 0 < fraction < 0.001:
        return f"under 0.1{_SPACE}%"
    if 0.9995 <= fraction < 1:
        return f"over 99.9{_SPACE}%"
    return f"{100 * fraction:.1f}".removesuffix(".0") + f"{_SPACE}%"


def between(low: float | None, high: float | None) -> str:
    """An interval of proportions; '' if it is unknown.

    >>> between(0.101, 0.149)
    '10.1–14.9\\xa0%'
    """
    if low is None or high is None or not (math.isfinite(low) and math.isfinite(high)):
        return ""
    return f"{100 * low:.1f}–{100 * high:.1f}{_SPACE}%"


def points(difference: float | None) -> str:
    """A difference of two proportions, in percentage points, with its sign.

    >>> points(0.0213), points(-0.004), points(-0.0001)
    ('+2.1', '−0.4', '0.0')
    """
    if difference is None or not math.isfinite(difference):
        return UNKNOWN
    shown = f"{100 * difference:+.1f}".replace("-", "−")
    return "0.0" if shown[1:] == "0.0" else shown


def decimal(number: float | None, places: int = 2) -> str:
    """A plain decimal number.

    >>> decimal(0.98765)
    '0.99'
    """
    return UNKNOWN if number is None or not math.isfinite(number) else f"{number:.{places}f}".replace("-", "−")


def certainty(score: float | None, places: int = 2) -> str:
    """A score in [0, 1] that is never rounded to 0 or 1.

    >>> certainty(0.9871), certainty(0.99999), certainty(0.0004, 3), certainty(1.0)
    ('0.99', 'over 0.99', 'under 0.001', '1.00')
    """
    least = 10.0**-places
    if score is not None and 1 - least / 2 <= score < 1:
        return f"over {1 - least:.{places}f}"
    if score is not None and 0 < score < least / 2:
        return f"under {least:.{places}f}"
    return decimal(score, places)


def p_value(number: float | None) -> str:
    """A p-value, never printed as zero.

    >>> p_value(1e-9), p_value(0.0312)
    ('p\\xa0<\\xa00.001', 'p\\xa0=\\xa00.031')
    """
    if number is None or not math.isfinite(number):
        return "p not known"
    return ("p < 0.001" if number < 0.001 else f"p = {number:.3f}").replace(" ", _SPACE)


def of_things(number: int, one: str, many: str = "") -> str:
    """A count with its noun.

    >>> of_things(1, "row"), of_things(1200, "row"), of_things(2, "class", "classes")
    ('1 row', '1,200 rows', '2 classes')
    """
    return f"{count(number)} {one if number == 1 else many or one + 's'}"


def left_out(test: SealedRows) -> str:
    """Test rows that were not scored, in words; '' if all were.

    >>> left_out(SealedRows(leaks_left_out=3, near_copies=1, unlabelled=1))
    '3 that are also in the training data (1 of them nearly the same), 1 without a label'
    """
    leaks, near = test.leaks_left_out, test.near_copies
    copies = f"{count(leaks)} that {'is' if leaks == 1 else 'are'} also in the training data" if leaks else ""
    copies += f" ({count(near)} of them nearly the same)" if near else ""
    return ", ".join(filter(None, (copies, f"{count(test.unlabelled)} without a label" if test.unlabelled else "")))


_METRIC_NAMES = {"log_loss": "minus log-loss, higher is better", "f1": "macro F1", "auc": "AUC"}


def metric_name(metric: str) -> str:
    """A metric in words; every score is shown so that more is better.

    >>> metric_name("balanced_accuracy"), metric_name("f1")
    ('balanced accuracy', 'macro F1')
    """
    return _METRIC_NAMES.get(metric, metric.replace("_", " "))


def in_metric(value: float | None, metric: str, *, signed: bool = False) -> str:
    """A score or a difference of scores in the terms of its metric: percent for accuracies, a decimal for others.

    >>> in_metric(0.874, "accuracy"), in_metric(0.021, "accuracy", signed=True), in_metric(0.4312, "log_loss")
    ('87.4\\xa0%', '+2.1 points', '0.431')
    """
    if "accuracy" in metric:
        if value is None or not math.isfinite(value):
            return UNKNOWN
        return f"{points(value)} points" if signed else f"{100 * value:.1f}{_SPACE}%"
    if signed and value is not None and value > 0:
        return "+" + decimal(value, 3)
    return decimal(value, 3)


ELLIPSIS = "…"
_ESCAPED_SIZE = {"&": 5, "<": 4, ">": 4, '"': 5, "'": 5}
_BYTES_A_CHARACTER = 3
_ONE_LINE = 40
_MOST_OF = 0.8


@dataclass(frozen=True)
class Excerpt:
    """A piece of text in three parts; the middle one is to be marked ('' = none)."""

    before: str
    marked: str = ""
    after: str = ""

    @property
    def is_long(self) -> bool:
        """True if the text needs the whole width of the page."""
        return len(self.before) + len(self.marked) + len(self.after) > _ONE_LINE


def visible(text: str) -> str:
    """The text with control characters, bidirectional overrides and lone surrogates replaced by visible signs.

    An override could otherwise reorder the words around it; a surrogate cannot be written as UTF-8 at all.

    >>> visible("a\\x00b\\u202ec\\ud800")
    'a␀b�c�'
    """
    return text if text.isprintable() else "".join(map(_visible, text))


def _visible(character: str) -> str:
    code = ord(character)
    if character in "\n\t" or character.isprintable():
        return character
    if code < 0x20:
        return chr(0x2400 + code)
    category = unicodedata.category(character)
    # Format characters that join letters stay (emoji, Persian, Arabic).
    joins = character in "\u200c\u200d\ufe0f"
    return character if category.startswith("Z") or joins else "�"


def shorten(text: str, limit: int) -> str:
    """The beginning of the text: at most ``limit`` characters, and three times as many bytes once it is escaped.

    >>> shorten("a long sentence", 7)
    'a long…'
    """
    kept = limit if escaped_size(text[:limit]) <= _BYTES_A_CHARACTER * limit else _kept(text, limit)
    if kept >= len(text):
        return text
    cut = text[: max(kept - 1, 0)]
    words, blank, _ = cut.rpartition(" ")
    # Not within a word, unless that leaves much less.
    return (words if blank and len(words) > _MOST_OF * len(cut) else cut).rstrip() + ELLIPSIS


def _kept(text: str, limit: int) -> int:
    """How many of its first characters fit."""
    room = _BYTES_A_CHARACTER * limit
    for kept, character in enumerate(text[:limit]):
        room -= escaped_size(character)
        if room < 0:
            return kept
    return limit


def one_line(text: object, limit: int = 120) -> str:
    """The beginning of a text as one line; it is cut before it is cleaned, since a cell may be very long.

    >>> one_line("good\\x1b[2J film\\nreally"), one_line("one two three", 8)
    ('good␛[2J film really', 'one two…')
    """
    line = " ".join(str(text)[: 4 * limit].split())
    return shorten(visible(line[: limit + 1]), limit)


def excerpt(text: str, limit: int = 300, *, mark: str = "") -> Excerpt:
    """The part of the text around ``mark``, or its beginning; bounded like :func:`shorten`.

    >>> excerpt("buy <br> now", mark="<br>")
    Excerpt(before='buy ', marked='<br>', after=' now')
    """
    at = text.find(mark) if mark else -1
    if at < 0:
        return Excerpt(shorten(visible(text[: limit + 1]), limit))
    marked = shorten(visible(mark[:limit]), limit // 2)
    room = max(limit - len(mark), limit // 2)
    start = max(0, at - room // 2) if at + len(mark) > limit else 0
    before = (ELLIPSIS if start else "") + shorten(visible(text[start : min(at, start + limit + 1)]), limit)
    rest = max(room - (at - start), 20)
    after = shorten(visible(text[at + len(mark) :][: rest + 1]), rest)
    return Excerpt(before, marked, after)


def content_of(cells: Iterable[tuple[str, str]], texts: Container[str]) -> str:
    """The texts of a row, or if it has none, its cells with their names.

    >>> content_of([("x", "1"), ("note", "good film")], {"note"}), content_of([("x", "1"), ("y", "2")], ())
    ('good film', 'x: 1; y: 2')
    """
    shown = list(cells)
    return "; ".join(text for name, text in shown if name in texts) or "; ".join(
        f"{one}: {text}" for one, text in shown
    )


def escaped_size(text: str) -> int:
    """How many bytes the text takes in an HTML file.

    >>> escaped_size("a<"), escaped_size("é")
    (5, 2)
    """
    more = sum((size - 1) * text.count(character) for character, size in _ESCAPED_SIZE.items())
    return len(text.encode("utf-8", "replace")) + more
