"""The page of a code: what it means, how it is found, when it errs, and what to do."""

from __future__ import annotations

import difflib
from importlib.resources import files

from dechaff.errors import InputError
from dechaff.records.codes import CODES


def explanation(code: str) -> str:
    """The page of a code, as Markdown.

    Parameters
    ----------
    code : such as ``"L001"``, in any case.

    Raises
    ------
    InputError
        If there is no such code; the message names the closest ones.

    Examples
    --------
    >>> print(explanation("l003").splitlines()[0])
    # L003: missing label
    """
    name = code.strip().upper()
    if name not in CODES:
        close = difflib.get_close_matches(name, CODES, n=3, cutoff=0.5) or list(CODES)
        raise InputError("the code", "be one of a finding", repr(code), f"Write one of: {', '.join(close)}.")
    meaning = CODES[name]
    page = files("dechaff.records").joinpath("pages", f"{name}.md").read_text(encoding="utf-8")
    return f"# {name}: {meaning.title}\n\n{meaning.meaning}\n\n{page}\nIn short: {meaning.remedy}"
