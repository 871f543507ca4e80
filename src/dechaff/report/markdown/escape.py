"""Text for Markdown: nothing in it becomes a link, a mention, a tag or a table border."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from dechaff.report.text import shorten, visible

_MARKS = re.compile(r"([\\`*_{}\[\]#|~$])")
_WORD_JOINER = "\u2060"


def prose(text: str, limit: int = 300) -> str:
    """A sentence of dechaff, which may quote the user's data.

    >>> prose("column *a* <b> | @you")
    'column \\\\*a\\\\* &lt;b&gt; \\\\| @\\u2060you'
    """
    escaped = _MARKS.sub(r"\\\1", _one_line(text, limit))
    # A word joiner after the sign prevents a notification of a user of that name.
    return escaped.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("@", "@" + _WORD_JOINER)


def verbatim(text: str | None, limit: int = 80) -> str:
    """The user's own text as a code span; bars are escaped, so it may only stand in a table.

    >>> verbatim("a`b|c"), verbatim("")
    ('``a`b\\\\|c``', '–')
    """
    clean = _one_line(text or "", limit)
    if not clean:
        return "–"
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", clean)), default=0))
    room = " " if clean[0] == "`" or clean[-1] == "`" else ""
    return f"{fence}{room}{clean}{room}{fence}".replace("|", "\\|")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are already escaped; a column whose name begins with ``#`` is right-aligned.

    >>> print(table(["kind", "#rows"], [["a", "1"]]))
    | kind | rows |
    |---|--:|
    | a | 1 |
    """
    ruler = "|".join("--:" if name.startswith("#") else "---" for name in head)
    lines = [_line(name.lstrip("#") for name in head), f"|{ruler}|", *map(_line, rows)]
    return "\n".join(lines)


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _one_line(text: str, limit: int) -> str:
    line = " ".join(text[: 4 * limit].split())
    return shorten(visible(line[: limit + 1]), limit)
