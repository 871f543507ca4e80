"""Artefacts in texts: leftover markup, mojibake, control characters, hardly any text."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dechaff.core.distinct import Distinct
from dechaff.typing import Mask, Score, Texts

# The second byte of a two-byte UTF-8 sign, as Latin-1 or Windows-1252 reads it.
_TAIL = "\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
_LONG_COLUMN = 60
"""Median length from which on two letters are hardly a text; in chats, 'ok' is an answer."""
_ONE_SIGN = re.compile(r"[^\W_]")
_THREE_SIGNS = re.compile(r"[^\W_][\W_]*[^\W_][\W_]*[^\W_]")
_ONLY_ADDRESS = re.compile(r"\s*(?:https?://|www\.)\S+\s*")


@dataclass(frozen=True)
class Artefact:
    """One kind of artefact: its name in words, its severity (a score), and the pattern that finds it."""

    name: str
    score: float
    pattern: re.Pattern[str] | None


ARTEFACTS = (
    Artefact("broken encoding", 0.9, re.compile(f"\ufffd|[ÃÂÐÑ][{_TAIL}]|â€|ï»¿|ðŸ")),
    Artefact(
        "markup",
        0.85,
        re.compile(
            r"</?[a-zA-Z][a-zA-Z0-9]{0,15}(?:\s[^<>]{0,300})?/?>|<!--|<!\[CDATA\["
            r"|\[/?(?:b|i|u|url|img|quote|code|color|size)(?:=[^\]]{0,200})?\]"
        ),
    ),
    Artefact("hardly any text", 0.8, None),
    Artefact("character entity", 0.75, re.compile(r"&(?:[a-zA-Z]{2,8}[0-9]{0,2}|#\d{1,6}|#x[0-9a-fA-F]{1,5});")),
    Artefact("control character", 0.7, re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u200b\ufeff]")),
    Artefact("escaped character", 0.65, re.compile(r"\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}")),
    Artefact("nothing but an address", 0.6, None),
)
"""All kinds, the worst first: a text is flagged for the worst one found."""


@dataclass(frozen=True)
class TextArtefacts:
    """The artefacts of n texts.

    ``kind`` (n,) is the position of the worst artefact in `ARTEFACTS`, -1 for none; ``evidence`` (n,) the piece of
    text that matched; ``score`` (n,) its severity. ``everywhere`` maps the kinds found in nearly every text to the
    fraction of texts: they are a property of the column, and no row is flagged for them.
    """

    kind: npt.NDArray[np.int64]
    evidence: Texts
    score: Score
    everywhere: dict[int, float]

    def without(self, name: str) -> TextArtefacts:
        """The artefacts without one kind."""
        number = next(at for at, artefact in enumerate(ARTEFACTS) if artefact.name == name)
        left = self.kind != number
        return TextArtefacts(
            np.where(left, self.kind, -1),
            np.where(left, self.evidence, ""),
            np.where(left, self.score, 0.0),
            {at: share for at, share in self.everywhere.items() if at != number},
        )


def text_artefacts(
    cells: Distinct, missing: Mask, *, everywhere: float = 0.9, nature: Collection[int] = ()
) -> TextArtefacts:
    """The worst artefact of each text: leftover markup, mojibake, control characters, hardly any text.

    Parameters
    ----------
    cells : Distinct
        The n texts.
    missing : (n,) bool
        Texts to skip.
    everywhere : float in [0, 1]
        Fraction of the texts from which on a kind of artefact is reported for the column instead of its rows.
    nature : collection of int
        Positions in `ARTEFACTS` of kinds known to be a property of the column; they are skipped.

    Source
    ------
    Own patterns. Broken encoding (mojibake): UTF-8 decoded as Latin-1 or Windows-1252. A tag needs a name right after
    '<', so that 'a < b' and '<3' are text.

    Examples
    --------
    >>> texts = np.array(["good", "so <b>bad</b>", "cafÃ© au lait", "a < b > c"], dtype=object)
    >>> found = text_artefacts(Distinct.of(texts), np.zeros(4, dtype=bool))
    >>> [ARTEFACTS[kind].name if kind >= 0 else "" for kind in found.kind], found.evidence.tolist()
    (['', 'markup', 'broken encoding', ''], ['', '<b>', 'Ã©', ''])
    """
    rows = np.flatnonzero(~missing)
    counts = np.bincount(cells.codes[rows], minlength=len(cells.values))
    held = np.flatnonzero(counts)
    known = cells.values[held].tolist()
    lengths = np.repeat(np.array([len(text) for text in known], dtype=np.int64), counts[held])
    long = len(rows) > 0 and float(np.median(lengths)) >= _LONG_COLUMN
    kind_of = np.full(len(cells.values), -1, dtype=np.int64)
    piece_of = np.full(len(cells.values), "", dtype=object)
    shares: dict[int, float] = {}
    for number, artefact in reversed(list(enumerate(ARTEFACTS))):
        if number in nature:
            continue
        found = _evidence(artefact, known, long)
        share = int(counts[held[list(found)]].sum()) / max(len(rows), 1)
        if share >= everywhere and len(rows) > 1:
            shares[number] = share
            continue
        for place, piece in found.items():
            kind_of[held[place]], piece_of[held[place]] = number, piece
    kind = np.where(missing, -1, kind_of[cells.codes])
    evidence = np.where(missing, "", piece_of[cells.codes])
    score = np.where(kind >= 0, np.array([artefact.score for artefact in ARTEFACTS])[kind], 0.0)
    return TextArtefacts(kind, evidence, score, shares)


def _evidence(artefact: Artefact, texts: list[str], long: bool) -> dict[int, str]:
    """Position of each text with the artefact -> the piece that matched."""
    if artefact.pattern is not None:
        search = artefact.pattern.search
        return {place: match.group()[:80] for place, text in enumerate(texts) if (match := search(text))}
    if artefact.name == "hardly any text":
        enough = (_THREE_SIGNS if long else _ONE_SIGN).search
        return {place: text[:80] for place, text in enumerate(texts) if not enough(text)}
    if not long:  # a column of addresses, or of short answers
        return {}
    return {place: text.strip()[:80] for place, text in enumerate(texts) if _ONLY_ADDRESS.fullmatch(text)}
