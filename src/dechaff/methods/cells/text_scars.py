"""Traces of processing in texts: markup, broken encoding, control characters, hardly any text."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dechaff.typing import Mask, Score, Texts

# The second byte of a two-byte UTF-8 sign, as Latin-1 or Windows-1252 reads it.
_TAIL = "\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
_LONG_COLUMN = 60
"""Median length from which on two letters are hardly a text; in chats, 'ok' is an answer."""
_ONE_SIGN = re.compile(r"[^\W_]")
_THREE_SIGNS = re.compile(r"[^\W_][\W_]*[^\W_][\W_]*[^\W_]")
_ONLY_ADDRESS = re.compile(r"\s*(?:https?://|www\.)\S+\s*")


@dataclass(frozen=True)
class Scar:
    """One kind of scar: its name in words, how much it matters (a score), and what it looks like."""

    name: str
    score: float
    pattern: re.Pattern[str] | None


SCARS = (
    Scar("broken encoding", 0.9, re.compile(f"\ufffd|[ÃÂÐÑ][{_TAIL}]|â€|ï»¿|ðŸ")),
    Scar(
        "markup",
        0.85,
        re.compile(
            r"</?[a-zA-Z][a-zA-Z0-9]{0,15}(?:\s[^<>]{0,300})?/?>|<!--|<!\[CDATA\["
            r"|\[/?(?:b|i|u|url|img|quote|code|color|size)(?:=[^\]]{0,200})?\]"
        ),
    ),
    Scar("hardly any text", 0.8, None),
    Scar("character entity", 0.75, re.compile(r"&(?:[a-zA-Z]{2,8}[0-9]{0,2}|#\d{1,6}|#x[0-9a-fA-F]{1,5});")),
    Scar("control character", 0.7, re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u200b\ufeff]")),
    Scar("escaped character", 0.65, re.compile(r"\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}")),
    Scar("nothing but an address", 0.6, None),
)
"""All kinds, the worst first: a text is named for the worst that it carries."""


@dataclass(frozen=True)
class TextScars:
    """The scars of n texts.

    ``kind`` (n,) is the place of the worst scar in `SCARS`, -1 for none; ``evidence`` (n,) the piece of the text
    that shows it; ``score`` (n,) how much it matters. ``everywhere`` maps the kinds that nearly every text
    carries to their share: they are the nature of the column, and no row is named for them.
    """

    kind: npt.NDArray[np.int64]
    evidence: Texts
    score: Score
    everywhere: dict[int, float]

    def without(self, name: str) -> TextScars:
        """The same scars, but for one kind."""
        number = next(place for place, scar in enumerate(SCARS) if scar.name == name)
        left = self.kind != number
        return TextScars(
            np.where(left, self.kind, -1),
            np.where(left, self.evidence, ""),
            np.where(left, self.score, 0.0),
            {place: share for place, share in self.everywhere.items() if place != number},
        )


def text_scars(texts: Texts, missing: Mask, *, everywhere: float = 0.9, nature: Collection[int] = ()) -> TextScars:
    """The worst scar of each text, with the piece of text that shows it.

    Parameters
    ----------
    texts : (n,) object array of str
    missing : (n,) bool; texts to leave out
    everywhere : share of the texts from which on a kind of scar belongs to the column, not to rows
    nature : places of kinds in `SCARS` that are known to belong to the column; they are not looked for.

    Returns
    -------
    TextScars

    Source
    ------
    Own patterns. Broken encoding: UTF-8 read as Latin-1 or Windows-1252. A tag needs a name right after '<', so that
    'a < b' and '<3' are text.

    Examples
    --------
    >>> texts = np.array(["good", "so <b>bad</b>", "cafÃ© au lait", "a < b > c"], dtype=object)
    >>> found = text_scars(texts, np.zeros(4, dtype=bool))
    >>> [SCARS[kind].name if kind >= 0 else "" for kind in found.kind], found.evidence.tolist()
    (['', 'markup', 'broken encoding', ''], ['', '<b>', 'Ã©', ''])
    """
    rows = np.flatnonzero(~missing)
    known = texts[rows].tolist()
    long = bool(known) and float(np.median([len(text) for text in known])) >= _LONG_COLUMN
    kind = np.full(len(texts), -1, dtype=np.int64)
    evidence = np.full(len(texts), "", dtype=object)
    shares: dict[int, float] = {}
    for number, scar in reversed(list(enumerate(SCARS))):
        if number in nature:
            continue
        found = _evidence(scar, known, long)
        share = len(found) / max(len(known), 1)
        if share >= everywhere and len(known) > 1:
            shares[number] = share
            continue
        for place, piece in found.items():
            kind[rows[place]], evidence[rows[place]] = number, piece
    score = np.where(kind >= 0, np.array([scar.score for scar in SCARS])[kind], 0.0)
    return TextScars(kind, evidence, score, shares)


def _evidence(scar: Scar, texts: list[str], long: bool) -> dict[int, str]:
    """Place of each text that carries the scar -> the piece that shows it."""
    if scar.pattern is not None:
        search = scar.pattern.search
        return {place: match.group()[:80] for place, text in enumerate(texts) if (match := search(text))}
    if scar.name == "hardly any text":
        enough = (_THREE_SIGNS if long else _ONE_SIGN).search
        return {place: text[:80] for place, text in enumerate(texts) if not enough(text)}
    if not long:  # a column of addresses, or of short answers
        return {}
    return {place: text.strip()[:80] for place, text in enumerate(texts) if _ONLY_ADDRESS.fullmatch(text)}
