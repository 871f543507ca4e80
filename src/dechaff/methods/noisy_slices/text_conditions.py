"""Conditions on a text: markup, artefacts, length, a word, how it starts and ends."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import numpy as np

from dechaff.methods.noisy_slices.condition import Condition, Conditions, join, stack
from dechaff.typing import Mask, Texts

SURFACE = (
    ("contains markup (<…>)", re.compile(r"<[^<>\s][^<>]*>")),
    ("contains markup signs ('<' or '>')", re.compile(r"[<>]")),
    ("contains an HTML entity (&…;)", re.compile(r"&(?:[a-zA-Z]{2,8}|#\d{1,6});")),
    ("contains a web address", re.compile(r"https?://|www\.", re.IGNORECASE)),
    ("contains broken encoding", re.compile("�|Ã.|â€")),
    ("contains control characters", re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")),
    ("contains a line break", re.compile(r"[\r\n]")),
    ("contains letters outside ASCII", re.compile(r"[^\W\d_a-zA-Z]")),
    ("has no lower-case letter", re.compile(r"\A[^a-zß-öø-ÿ]+\Z")),
    ("contains repeated punctuation", re.compile(r"[!?.]{3,}")),
)
TOKEN = r"(?u)\b\w\w+\b|[^\w\s]"
_MAX_TOKENS = 3000
_EDGE_WORDS = (1, 2, 3, 4)


def text_conditions(texts: Texts, name: str, *, smallest: int, largest: int) -> Conditions:
    """Every condition on one text column that holds on ``smallest`` to ``largest`` rows.

    Examples
    --------
    >>> texts = np.array(["good <br>", "bad <br>", "good", "bad"], dtype=object)
    >>> text_conditions(texts, "review", smallest=2, largest=2).items[0].words
    'review contains markup (<…>)'
    """
    if len(texts) == 0:
        return join((), 0)
    parts = (
        stack(_within(_surface(texts, name), smallest, largest), len(texts)),
        stack(_within(_lengths(texts, name), smallest, largest), len(texts)),
        stack(_within(_edges(texts, name, smallest, largest), smallest, largest), len(texts)),
        _tokens(texts, name, smallest, largest),
    )
    return join(parts, len(texts))


def _within(parts: Iterator[tuple[Condition, Mask]], smallest: int, largest: int) -> Iterator[tuple[Condition, Mask]]:
    return ((condition, mask) for condition, mask in parts if smallest <= mask.sum() <= largest)


def _surface(texts: Texts, name: str) -> Iterator[tuple[Condition, Mask]]:
    for words, pattern in SURFACE:
        found = np.fromiter((pattern.search(text) is not None for text in texts), bool, len(texts))
        yield Condition(f"{name} {words}", (name,), incidental=True), found


def _lengths(texts: Texts, name: str) -> Iterator[tuple[Condition, Mask]]:
    lengths = np.fromiter((len(text.split()) for text in texts), np.int64, len(texts))
    for share in (0.05, 0.1, 0.2, 0.3):
        few, many = int(np.quantile(lengths, share)), int(np.quantile(lengths, 1 - share))
        yield Condition(f"{name} has at most {few} words", (name,), incidental=True), lengths <= few
        yield Condition(f"{name} has at least {many} words", (name,), incidental=True), lengths >= many


def _edges(texts: Texts, name: str, smallest: int, largest: int) -> Iterator[tuple[Condition, Mask]]:
    words = [text.lower().split() for text in texts]
    for verb, cut in (("starts with", _first), ("ends with", _last)):
        longer: Counter[str] = Counter()
        for count in sorted(_EDGE_WORDS, reverse=True):
            phrases = np.array([" ".join(cut(split, count)) for split in words], dtype=object)
            common = Counter({p: times for p, times in Counter(phrases).items() if p and smallest <= times <= largest})
            for phrase in sorted(common):
                # A shorter phrase on the same rows as a longer one is redundant.
                if common[phrase] not in {t for p, t in longer.items() if _opens(verb, p, phrase)}:
                    # One word at an edge is ordinary language; a whole phrase that returns is a stamp.
                    yield Condition(f"{name} {verb} '{phrase}'", (name,), incidental=count >= 2), phrases == phrase
            longer = common


def _first(words: list[str], count: int) -> list[str]:
    return words[:count]


def _last(words: list[str], count: int) -> list[str]:
    return words[-count:]


def _opens(verb: str, longer: str, phrase: str) -> bool:
    if verb == "starts with":
        return longer.startswith(f"{phrase} ")
    return longer.endswith(f" {phrase}")


def _tokens(texts: Texts, name: str, smallest: int, largest: int) -> Conditions:
    from sklearn.feature_extraction.text import CountVectorizer

    vectorizer = CountVectorizer(
        binary=True, token_pattern=TOKEN, min_df=smallest, max_features=_MAX_TOKENS, dtype=np.float32
    )
    try:
        counts = vectorizer.fit_transform(texts)
    except ValueError:  # no token is frequent enough
        return join((), len(texts))
    support = np.asarray(counts.sum(axis=0)).ravel()
    chosen = np.flatnonzero(support <= largest)
    tokens = vectorizer.get_feature_names_out()[chosen]
    items = tuple(Condition(f"{name} contains '{token}'", (name,), incidental=False) for token in tokens)
    return Conditions(items, counts[:, chosen].T.tocsr().astype(np.float32))
