"""Conditions on one column of a table: missing, equal to a category, in a range of numbers or dates, on its texts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import chain

import numpy as np

from dechaff.methods.noisy_slices.condition import Condition, Conditions, join, stack
from dechaff.typing import Mask, Numbers, Texts

_PROVENANCE = re.compile(
    r"(^|[\W_])(source|origin|provenance|collector|collected|annotator|labell?er|rater|worker|coder|reviewer|batch|"
    r"site|station|clinic|hospital|ward|lab|laboratory|facility|cent(?:er|re)|vendor|supplier|device|sensor|scanner|"
    r"camera|file|filename|import|crawl|channel|wave|round|upload|operator|editor|dataset|version|session|entry)"
    r"([\W_]|$)",
    re.IGNORECASE,
)
"""Names of columns that state where a row comes from, which should not matter to its label."""
_MAX_CATEGORIES = 200
_STEPS = 10
_DAY = 86_400


def tells_provenance(name: str) -> bool:
    """Whether the name of a column is that of a source of rows.

    Examples
    --------
    >>> tells_provenance("data_source"), tells_provenance("resource")
    (True, False)
    """
    return _PROVENANCE.search(name) is not None


def missing_condition(missing: Mask, name: str, *, smallest: int, largest: int) -> Conditions:
    """The condition that the column is empty, if it holds often enough.

    Examples
    --------
    >>> missing_condition(np.array([True, False]), "age", smallest=1, largest=1).items[0].words
    'age is missing'
    """
    held = [(Condition(f"{name} is missing", (name,), incidental=True), missing)]
    return stack([part for part in held if smallest <= missing.sum() <= largest], len(missing))


def category_conditions(values: Texts, name: str, *, smallest: int, largest: int) -> Conditions:
    """One condition a category that is neither too rare nor too frequent; '' = missing is left out.

    Examples
    --------
    >>> colours = np.array(["red", "red", "blue", ""], dtype=object)
    >>> [item.words for item in category_conditions(colours, "colour", smallest=2, largest=3).items]
    ["colour is 'red'"]
    """
    categories, codes, counts = np.unique(values.astype(str), return_inverse=True, return_counts=True)
    common = [i for i in np.argsort(-counts, kind="stable") if categories[i] and smallest <= counts[i] <= largest]
    incidental = tells_provenance(name)
    parts = (
        (Condition(f"{name} is '{categories[i]}'", (name,), incidental=incidental), codes == i)
        for i in common[:_MAX_CATEGORIES]
    )
    return stack(parts, len(values))


def range_conditions(values: Numbers, name: str, *, smallest: int, largest: int, dates: bool = False) -> Conditions:
    """Ranges between tenths of the values: from either end, and in the middle.

    Parameters
    ----------
    values : (n,) float
        Numbers, or seconds since 1970 where ``dates``; NaN if missing.
    name : of the column
    smallest, largest : number of rows that a condition may hold on
    dates : whether bounds are shown as days.

    Examples
    --------
    >>> found = range_conditions(np.arange(10.0), "age", smallest=4, largest=4)
    >>> [item.words for item in found.items]
    ['age ≤ 3', 'age > 5']
    """
    cuts = _cuts(values, _STEPS, smallest)
    return _between(values, name, _ranges(cuts), smallest, largest, dates)


def finer_ranges(
    values: Numbers, name: str, words: str, *, smallest: int, largest: int, dates: bool = False
) -> Conditions:
    """The range of those words with its bounds moved by hundredths of the values, up to a tenth either way.

    Parameters
    ----------
    values, name, smallest, largest, dates : as for :func:`range_conditions`
    words : of the range

    Returns
    -------
    Conditions
        No condition is made from a range that :func:`range_conditions` already covers.
    """
    coarse = _cuts(values, _STEPS, smallest)
    picked = [bounds for bounds in _ranges(coarse) if _words(name, bounds, dates) == words]
    if not picked:
        return stack((), len(values))
    fine = _cuts(values, _STEPS**2, smallest)
    low, high = (_near(bound, coarse, fine) for bound in picked[0])
    return _between(values, name, ((a, b) for a in low for b in high if a < b), smallest, largest, dates)


Bounds = tuple[float, float]
"""Above the first, up to and with the second; infinite if there is no bound."""


def _cuts(values: Numbers, steps: int, smallest: int) -> Numbers:
    known = values[~np.isnan(values)]
    if len(known) < smallest:
        return np.zeros(0)
    return np.unique(np.quantile(known, np.arange(1, steps) / steps, method="lower"))


def _ranges(cuts: Numbers) -> Iterator[Bounds]:
    for cut in cuts:
        yield -np.inf, cut
        yield cut, np.inf
    for step in (1, 2, 3):
        yield from zip(cuts, cuts[step:], strict=False)


def _near(bound: float, coarse: Numbers, fine: Numbers) -> Numbers:
    """Finer bounds between the neighbours of one; the bound itself if it is infinite."""
    if np.isinf(bound):
        return np.array([bound])
    place = int(np.searchsorted(coarse, bound))
    low = coarse[place - 1] if place > 0 else -np.inf
    high = coarse[place + 1] if place + 1 < len(coarse) else np.inf
    return fine[(fine >= low) & (fine <= high)]


def _between(
    values: Numbers, name: str, ranges: Iterable[Bounds], smallest: int, largest: int, dates: bool
) -> Conditions:
    incidental = dates or tells_provenance(name)
    parts = (
        (Condition(_words(name, bounds, dates), (name,), incidental, bounds=(float(bounds[0]), float(bounds[1]))), mask)
        for bounds in ranges
        for mask in ((values > bounds[0]) & (values <= bounds[1]),)
        if smallest <= mask.sum() <= largest
    )
    return stack(parts, len(values))


def _words(name: str, bounds: Bounds, dates: bool) -> str:
    low, high = ("" if np.isinf(bound) else _date(bound) if dates else f"{bound:.6g}" for bound in bounds)
    if not low or not high:
        return f"{name} > {low}" if low else f"{name} ≤ {high}"
    return f"{low} < {name} ≤ {high}"


def _date(value: float) -> str:
    when = datetime.fromtimestamp(value, tz=UTC)
    return when.strftime("%Y-%m-%d" if value % _DAY == 0 else "%Y-%m-%d %H:%M:%S")


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
    found = chain(_surface(texts, name), _lengths(texts, name), _edges(texts, name, smallest, largest))
    within = ((condition, mask) for condition, mask in found if smallest <= mask.sum() <= largest)
    return join([stack(within, len(texts)), _tokens(texts, name, smallest, largest)], len(texts))


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
    for verb in ("starts with", "ends with"):
        longer: Counter[str] = Counter()
        for count in sorted(_EDGE_WORDS, reverse=True):
            edge = slice(count) if verb == "starts with" else slice(-count, None)
            phrases = np.array([" ".join(split[edge]) for split in words], dtype=object)
            common = Counter({p: times for p, times in Counter(phrases).items() if p and smallest <= times <= largest})
            for phrase in sorted(common):
                # A shorter phrase on the same rows as a longer one is redundant.
                if common[phrase] not in {t for p, t in longer.items() if _opens(verb, p, phrase)}:
                    # One word at an edge is ordinary language; a whole phrase that returns is a stamp.
                    yield Condition(f"{name} {verb} '{phrase}'", (name,), incidental=count >= 2), phrases == phrase
            longer = common


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
