"""The user's text, made safe to display: bounded in length and in bytes, without invisible characters."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

ELLIPSIS = "…"
_ESCAPED_SIZE = {"&": 5, "<": 4, ">": 4, '"': 5, "'": 5}
_BYTES_A_CHARACTER = 3
_ONE_LINE = 40


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
    room, kept = _BYTES_A_CHARACTER * limit, 0
    for character in text[:limit]:
        room -= escaped_size(character)
        if room < 0:
            break
        kept += 1
    return text if kept == len(text) else text[: max(kept - 1, 0)].rstrip() + ELLIPSIS


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


def escaped_size(text: str) -> int:
    """How many bytes the text takes in an HTML file.

    >>> escaped_size("a<"), escaped_size("é")
    (5, 2)
    """
    return sum(_ESCAPED_SIZE.get(character) or len(character.encode("utf-8", "replace")) for character in text)
