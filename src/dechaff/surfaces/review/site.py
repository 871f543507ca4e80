"""What the pages of a review share: the audit, the reviewer, the long work, and how a page is rendered."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from jinja2 import Environment
from markupsafe import Markup, escape
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from dechaff.api.results import Audit
from dechaff.errors import InputError
from dechaff.records.codes import CODES
from dechaff.records.review import Cell, QueueItem
from dechaff.records.run import is_run
from dechaff.report import words
from dechaff.report.environment import environment
from dechaff.report.html.charts.svg import fraction_bar
from dechaff.surfaces.review.jobs import Job
from dechaff.surfaces.review.keys import DEFAULT, Keys

REPORT_STYLE = Path(words.__file__).parent / "html" / "templates"
"""Where the style sheet and the brand of the report are, which the pages share."""
_SAID = "dechaff_said"
_LONGEST_SAID = 600
_ACCEPTS = {"keep": ": keep the row", "drop": ": drop the row", "relabel": ": relabel", "edit": ": edit the cell"}
_ACCEPTS_WHOLE = {"keep": ": changes no data", "drop": "", "relabel": "", "edit": ": edit the cells"}
"""Of findings about a column, class or slice."""
_PARTS = ("similar", "so_far")
"""Templates of parts that a page fetches later: what was done is left for the page itself."""
_AHEAD = "dechaff-ahead"
"""Header of requests for the page that comes next, which leave it for the page itself, too."""


@dataclass
class Site:
    """The review of one audit by one reviewer, as pages.

    Parameters
    ----------
    audit : the audit; None while it is still being made by `job`.
    reviewer : name of the person who decides here.
    job : the audit that is being made, or the last learning.
    keys : which keys do what.
    learn_every : reviewed labels after which the scores are recomputed beside the review; 0 = only on the button.
    """

    audit: Audit | None
    reviewer: str = ""
    job: Job | None = None
    keys: Keys = DEFAULT
    learn_every: int = 0
    reviewed: int = 0
    """Labels reviewed here since the scores were last recomputed."""
    news: str = ""
    """What that has changed, until a page has shown it."""

    def __post_init__(self) -> None:
        if self.learn_every < 0:
            raise InputError("learn_every", "be 0 or more", str(self.learn_every), "Leave it out to learn on a button.")

    @property
    def opened(self) -> Audit:
        """The audit, once it is there."""
        if self.audit is None:
            raise InputError("the page", "wait for the audit", "no audit yet", "Reload it in a moment.")
        return self.audit

    def render(self, request: Request, name: str, **context: Any) -> HTMLResponse:
        """One page; it shows what the form before it has done."""
        said = "" if name in _PARTS or _AHEAD in request.headers else unquote(request.cookies.get(_SAID, ""))
        news, self.news = ("", self.news) if name in _PARTS or _AHEAD in request.headers else (self.news, "")
        here = f"{request.url.path}?{request.url.query}".rstrip("?")
        blind = "blind" in request.query_params
        frame = {
            "said": f"{said} {news}".strip(),
            "reviewer": self.reviewer,
            "here": here,
            "keys": self.keys,
            "blind": blind,
        }
        frame["stay"] = partial(in_mode, blind=blind)
        answer = HTMLResponse(_templates().get_template(f"{name}.html.jinja").render(**frame, **context))
        if said:
            answer.delete_cookie(_SAID)
        return answer

    def sorry(self, request: Request, error: Exception) -> Response:
        """An error as a sentence on a page; nothing is lost."""
        there = self.audit is None or is_run(self.audit.folder)
        answer = self.render(request, "sorry", sentence=self._sentence(error, there), there=there)
        answer.status_code = error.status_code if isinstance(error, HTTPException) else 400
        return answer

    def _sentence(self, error: Exception, there: bool) -> str:
        if not there and self.audit is not None:
            return f"The run folder {self.audit.folder} is no longer there. Put it back, and reload the page."
        return "There is no such page." if isinstance(error, HTTPException) else str(error)


def in_mode(location: str, *, blind: bool) -> str:
    """An address of this server, in blind mode if the page before it was.

    Examples
    --------
    >>> in_mode("/?status=open", blind=True), in_mode("/slices", blind=True), in_mode("/log", blind=False)
    ('/?status=open&blind=1', '/slices?blind=1', '/log')
    """
    return f"{location}{'&' if '?' in location else '?'}blind=1" if blind else location


def moved(location: str, said: str = "") -> Response:
    """To another page, which shows the sentence."""
    answer = RedirectResponse(location, 303)
    if said:
        answer.set_cookie(_SAID, quote(said[:_LONGEST_SAID]), max_age=20, httponly=True, samesite="strict")
    return answer


@cache
def _templates() -> Environment:
    """The environment in which the pages are rendered: everything from data is escaped, and made visible."""
    made = environment(
        "templates", words, package="dechaff.surfaces.review", autoescape=True,
        finalize=lambda value: words.visible(value) if type(value) is str else value,
    )  # fmt: skip
    made.filters |= {
        "exact": exact,
        "edges": edges,
        "short": words.one_line,
        "as_path": lambda text: quote(text, safe=":"),
    }
    made.globals |= {
        "fraction_bar": fraction_bar,
        "codes": CODES,
        "pieces": pieces,
        "accept_words": accept_words,
    }
    made.globals["brand"] = Markup((REPORT_STYLE / "brand.svg").read_text(encoding="utf-8"))
    return made


def accept_words(item: QueueItem) -> str:
    """What the first button says: what happens to the data.

    Examples
    --------
    >>> accept_words(QueueItem("L006-000001", "L006", "", "", "", "cat", 1.0, "Cat", "cat", "", "", accepts="keep"))
    'Accept: the spellings stay merged'
    """
    if item.code == "L006":
        return "Accept: the spellings stay merged"
    return "Accept" + (_ACCEPTS if item.about_row else _ACCEPTS_WHOLE)[item.accepts]


def exact(text: str) -> Markup:
    """The text as a form must send it back: invisible characters are not replaced, as they are in what is shown.

    Examples
    --------
    >>> exact("<b> caf\u00e9\u200b")
    Markup('&lt;b&gt; caf\xe9&#8203;')
    """
    plain = "".join(one if one.isprintable() or one == "\n" else f"\0{ord(one)};" for one in text)
    return Markup(str(escape(plain)).replace("\0", "&#"))


def edges(text: str) -> str:
    """The text with the spaces at its ends made visible: they may be what a finding is about.

    Examples
    --------
    >>> edges("Berlin "), edges("New York")
    ('Berlin\u2423', 'New York')
    """
    before, after = len(text) - len(text.lstrip(" ")), len(text) - len(text.rstrip(" "))
    return "\u2423" * before + text.strip(" ") + "\u2423" * after if text.strip(" ") else "\u2423" * before


def pieces(cell: Cell) -> list[tuple[str, str | None]]:
    """The text of a cell in pieces: (text, class that it speaks for), None for a piece that is not marked.

    Examples
    --------
    >>> pieces(Cell("text", "a very good one", marks=((2, 11, "good"),)))
    [('a ', None), ('very good', 'good'), (' one', None)]
    """
    found: list[tuple[str, str | None]] = []
    end = 0
    for start, stop, speaks_for in sorted(cell.marks):
        if start < end:
            continue
        found += [(cell.text[end:start], None), (cell.text[start:stop], speaks_for)]
        end = stop
    return [piece for piece in [*found, (cell.text[end:], None)] if piece[0]]
