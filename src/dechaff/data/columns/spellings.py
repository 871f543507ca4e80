"""Spellings of one label: blanks, case, look-alike characters, typing errors; and words that mean no label."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from statistics import median

_LOOKS_LIKE = str.maketrans(
    "АВЕЅІЈКМНОРСТУХ" + "аесоріѕјхуԁһԛԝ" + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧο" + "‐‑‒–—−‘’",
    "ABESIJKMHOPCTYX" + "aecopisjxydhqw" + "ABEZHIKMNOPTYXo" + "------''",
    "\u00ad\u200b\u200c\u200d\u2060\ufeff",
)
"""Cyrillic and Greek letters, dashes and quotes that look like ASCII; and characters that cannot be seen."""
_FEWEST_LETTERS = 3
"""Labels with fewer letters are codes, in which every character counts: Co is not CO, Q12a is not Q12A."""
_UNKNOWN = frozenset((
    "unknown", "none", "-", "--", "??", "???", "nil", "nan", "null", "n/a", "n.a.", "tbd", "undefined", "missing",
    "not available", "unlabelled", "unlabeled",
))  # fmt: skip
_RARE, _VERY_RARE, _FEW = 20, 100, 5
"""A typing error has this many times fewer rows than the right label and than a typical one: 100, or 20 if few."""
_MOST = 1_000
"""Labels among which typing errors are looked for; of more, many are alike."""
_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def one_spelling(names: Iterable[tuple[str, int]], known: Collection[str] = ()) -> dict[str, str]:
    """The label that a name is another spelling of, '' if it means no label; all other names are left out.

    `names` come with their rows. Case, blanks and look-alikes are levelled out; `known` names are labels of their own,
    and only what is spelled like one is merged. Without any, rare typing errors and words are looked for, too.

    Examples
    --------
    >>> one_spelling([("ham", 900), ("Ham", 30), ("spam", 300), ("sapm", 2), ("unknown", 3)])
    {'Ham': 'ham', 'sapm': 'spam', 'unknown': ''}
    >>> one_spelling([("class1", 900), ("class2", 1), ("male", 900), ("female", 9), ("A", 90), ("a", 90)])
    {}
    """
    rows, groups, merged = Counter[str](), defaultdict[str, list[str]](list), dict[str, str]()
    for name, count in names:
        rows[name] += count
    for name in sorted({*rows, *known}):
        groups[_levelled(name)].append(name)
    for alike in groups.values():
        given = [name for name in alike if name in known]
        if len(given) < 2:  # two known labels of one spelling are two labels
            right = given[0] if given else min(alike, key=lambda name: (-rows[name], name))
            merged |= {name: right for name in alike if name != right}
    for name, right in merged.items():
        rows[right] += rows.pop(name)
    rare = {} if known else _rare_spellings(rows)
    return dict(sorted({**rare, **{name: rare.get(right, right) for name, right in merged.items()}}.items()))


def _rare_spellings(rows: Mapping[str, int]) -> dict[str, str]:
    """Rare words that mean no label, and typing errors of one label each."""
    classes = {name: count for name, count in rows.items() if name.casefold() not in _UNKNOWN}
    if not classes:
        return {}
    typical = median(classes.values())
    found = {name: "" for name in rows if name not in classes and rows[name] * _RARE <= typical}
    least = {name: count * (_RARE if count <= _FEW else _VERY_RARE) for name, count in classes.items()}
    rare = [name for name in classes if least[name] <= max(classes.values()) and len(classes) <= _MOST]
    if sum(classes[name] for name in rare) * _RARE > sum(classes.values()):
        return found  # the rare labels are a long tail of classes
    typical = median([count for name, count in classes.items() if name not in rare])
    for name in rare:
        right = [one for one, n in classes.items() if min(n, typical) >= least[name] and abs(len(name) - len(one)) < 2]
        close = [one for one in right if is_typo(name, one)]
        found |= {name: close[0]} if len(close) == 1 else {}
    return found


def _levelled(name: str) -> str:
    """A name without its case, look-alike characters and blanks; codes as they are."""
    if sum(map(str.isalpha, name)) < _FEWEST_LETTERS:
        return name
    return " ".join(unicodedata.normalize("NFKC", name).translate(_LOOKS_LIKE).casefold().split())


def is_typo(wrong: str, right: str) -> bool:
    """Whether a label is another one with a typing error in a word, never in a number, a code or a short word.

    Two letters are swapped, or one is doubled, left out or hit beside its key, inside of the word: other letters,
    prefixes and endings make other words.

    Examples
    --------
    >>> is_typo("bening", "benign"), is_typo("sapm", "spam"), is_typo("heart faikure", "heart failure")
    (True, True, True)
    >>> is_typo("female", "male"), is_typo("nitrite", "nitrate"), is_typo("type i", "type ii"), is_typo("EGRF", "EGFR")
    (False, False, False, False)
    """
    words = [re.split(r"[\W_]+", _levelled(name)) for name in (wrong, right)]
    if any(map(str.isdigit, wrong + right)) or (wrong.isupper() and len(wrong) < 8) or len(words[0]) != len(words[1]):
        return False
    differing = [(one, other) for one, other in zip(*words, strict=True) if one != other]
    return len(differing) == 1 and _is_slip(*differing[0])


def _is_slip(wrong: str, right: str) -> bool:
    start, short = _shared(wrong, right), min(len(wrong), len(right))
    end = _shared(wrong[start:][::-1], right[start:][::-1])
    one, other = (word[start : len(word) - end] for word in (wrong, right))
    if len(one) == 2 and one == other[::-1]:
        return start > 0 and (short > 5 or (short > 3 and end > 0))
    beside = len(one) + len(other) == 1 or (len(one) == len(other) == 1 and _are_neighbours(one, other))
    return beside and start > 0 and end > 1 and short > 5


def _shared(one: str, other: str) -> int:
    """How many characters at the start are the same."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _are_neighbours(one: str, other: str) -> bool:
    places = [(line, keys.index(key)) for key in (one, other) for line, keys in enumerate(_KEYS) if key in keys]
    return len(places) == 2 and all(abs(a - b) <= 1 for a, b in zip(*places, strict=True))
