"""The report in short, as Markdown for a pull request or an issue: nothing in it becomes a link, a mention or a tag."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from dechaff.records.codes import CODES
from dechaff.records.metrics import Example
from dechaff.report import headline, words
from dechaff.report.environment import environment
from dechaff.report.record import RunRecord
from dechaff.report.words import one_line

if TYPE_CHECKING:
    from jinja2 import Template


def render_markdown(record: RunRecord) -> str:
    """The report in short, as GitHub-flavoured Markdown."""
    texts = {column.name for column in record.metrics.dataset.columns if column.kind == "text"}
    return _template().render(record=record, codes=CODES, texts=texts).rstrip("\n") + "\n"


@cache
def _template() -> Template:
    made = environment("templates", words, headline)
    made.filters |= {"prose": prose, "verbatim": verbatim, "content": _content}
    return made.get_template("report.md.jinja")


def _content(row: Example, texts: set[str]) -> str:
    return words.content_of(((name, text or "") for name, text, _ in row.cells), texts)


_MARKS = re.compile(r"([\\`*_{}\[\]#|~$])")
_WORD_JOINER = "\u2060"


def prose(text: str, limit: int = 300) -> str:
    """A sentence of dechaff, which may quote the user's data.

    >>> prose("column *a* <b> | @you")
    'column \\\\*a\\\\* &lt;b&gt; \\\\| @\\u2060you'
    """
    escaped = _MARKS.sub(r"\\\1", one_line(text, limit))
    # A word joiner after the sign prevents a notification of a user of that name.
    return escaped.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("@", "@" + _WORD_JOINER)


def verbatim(text: str | None, limit: int = 80) -> str:
    """The user's own text as a code span; bars are escaped, so it may only stand in a table.

    >>> verbatim("a`b|c"), verbatim("")
    ('``a`b\\\\|c``', '–')
    """
    clean = one_line(text or "", limit)
    if not clean:
        return "–"
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", clean)), default=0))
    room = " " if clean[0] == "`" or clean[-1] == "`" else ""
    return f"{fence}{room}{clean}{room}{fence}".replace("|", "\\|")
