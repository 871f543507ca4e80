"""The stable codes of findings, each with a page: its meaning, how it is found, when it errs, and what to do."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from dechaff.errors import InputError


@dataclass(frozen=True)
class Code:
    """One kind of finding."""

    code: str
    title: str
    meaning: str
    remedy: str


_PAGES = Path(__file__).with_name("pages")
_ORDER = "LSDCFOPHAR"
"""First letters of the codes, in the order in which reports list them."""


def _code_of(page: Path) -> Code:
    """The code that a page explains: its heading, its first paragraph, and its last one, the remedy in short."""
    heading, meaning, *_, remedy = page.read_text(encoding="utf-8").strip().split("\n\n")
    name, title = heading.removeprefix("# ").split(": ", 1)
    return Code(
        name, title, " ".join(meaning.split()), " ".join(remedy.replace("`", "").split()).removeprefix("In short: ")
    )


_FILES = sorted(_PAGES.glob("*.md"), key=lambda page: (_ORDER.index(page.name[0]), page.name))
CODES = MappingProxyType({page.stem: _code_of(page) for page in _FILES})
"""Code -> its meaning, in the order in which reports list them."""


def code_named(name: str, what: str = "the code") -> Code:
    """The code of this name, in any case, or an InputError that names the nearest one and lists all."""
    wanted = name.strip().upper()
    if wanted not in CODES:
        close = difflib.get_close_matches(wanted, CODES, n=1)
        meant = f"Did you mean {close[0]} ({CODES[close[0]].title})? " if close else ""
        raise InputError(what, "be the code of a finding", repr(name), f"{meant}Write one of: {', '.join(CODES)}.")
    return CODES[wanted]


def explain(code: str) -> str:
    """The page of a code, as Markdown.

    Parameters
    ----------
    code : such as ``"L001"``, in any case.

    Returns
    -------
    str

    Raises
    ------
    InputError
        If there is no such code; the message lists them.

    Examples
    --------
    >>> print(explain("l003").splitlines()[0])
    # L003: missing label
    """
    return (_PAGES / f"{code_named(code).code}.md").read_text(encoding="utf-8").strip()
