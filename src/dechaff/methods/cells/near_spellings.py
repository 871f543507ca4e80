"""Typing errors: rare values that are nearly a frequent one of their column."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from dechaff.methods.cells.cell_columns import CellColumn, CellColumns, CellDoubts, Doubt

TIMES, FEWEST = 10, 5
"""A usual spelling has this many times the cells of the rare one, and at least so many."""
RARE_SHARE = 0.05
"""If more cells than this fraction are rare spellings that are near nothing, the column is a long tail of words."""
ALIKE = 0.1
"""If more usual spellings than this fraction are near another usual one, near values are different values."""
_SIGNS = " .,;:#*_'\"`~"
MOST_USUAL, MOST_RARE = 2_000, 20_000
_DIGITS = re.compile(r"\d+")
_WORDS = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class SpellingRule:
    """The usual spellings of a column, digits as 0, with their cells; and other ``known`` ones that are no errors."""

    column: str
    usual: Mapping[str, int]
    known: frozenset[str] = field(default_factory=frozenset)

    def words(self) -> str:
        """What is a typing error."""
        return (
            f"A rare value of {self.column} that is nearly one of its {len(self.usual):,} usual ones is a typing error."
        )

    def doubts(self, columns: CellColumns, *, own: bool) -> Iterator[CellDoubts]:
        """The cells with a typing error."""
        if self.column not in columns:
            return
        column, search, found = columns[self.column], _Search(self.usual), {}
        for value, _ in column.filled():
            spelled = mask(value)
            if spelled in self.usual or spelled in self.known:
                continue
            right = search.nearest(spelled)
            if right:
                found[value] = self._doubt(value, right)
        yield CellDoubts.of_values(column, found)

    def _doubt(self, value: str, right: str) -> Doubt:
        written = _with_digits(right, value)
        shown = repr(written) if written is not None else f"the form {right!r}"
        return Doubt(written, 0.85, f"{value!r} is rare and nearly {shown}, which {self.usual[right]:,} cells have.")


def near_spellings(columns: CellColumns) -> tuple[SpellingRule, ...]:
    """The columns in which rare values are typing errors of usual ones.

    A value is near another if few letters differ, by its length: one of four to seven, two up to fourteen, else three;
    or if only case and blanks do. Numbers are compared by their form alone: 12 is no typing error of 13.

    Source
    ------
    Damerau (1964), optimal string alignment. Own thresholds.

    Examples
    --------
    >>> cells = {"city": CellColumn.of("city", np.array(["London", "Paris"] * 20 + ["Lodnon", "Rome"], dtype=object))}
    >>> [(value.suggested, value.why) for rule in near_spellings(cells)
    ...  for found in rule.doubts(cells, own=True) for value in found.doubts]
    [('London', "'Lodnon' is rare and nearly 'London', which 20 cells have.")]
    """
    found = (_spelling_rule(column) for column in columns.values() if not column.is_numeric)
    return tuple(rule for rule in found if rule is not None)


def _spelling_rule(column: CellColumn) -> SpellingRule | None:
    masks = Counter[str]()
    for value, count in column.filled():
        masks[mask(value)] += count
    usual = {spelled: count for spelled, count in masks.items() if count >= FEWEST}
    if not usual or len(usual) > MOST_USUAL or len(masks) > MOST_RARE or len(masks) < 2:
        return None
    search, known = _Search(usual), dict[str, bool]()
    errors, far = 0, 0
    for spelled, count in sorted(masks.items()):
        right = search.nearest(spelled, than=TIMES * count)
        known[spelled] = not right
        if right:
            errors += count
        elif spelled not in usual:
            far += count
    total = masks.total()
    if errors > RARE_SHARE * total or far > 0.3 * total:
        return None
    fine = {spelled: count for spelled, count in usual.items() if known[spelled]}
    if _Search(fine).alike() > ALIKE * len(fine):
        return None
    rest = frozenset(spelled for spelled, is_known in known.items() if is_known and spelled not in fine)
    return SpellingRule(column.name, fine, rest)


def mask(value: str) -> str:
    """A value with every number as 0 and single blanks.

    Examples
    --------
    >>> mask("37  patients")
    '0 patients'
    """
    return _DIGITS.sub("0", " ".join(value.split()) if value[:1] != " " and value[-1:] != " " else value)


class _Search:
    """The usual spellings near a given one."""

    def __init__(self, usual: Mapping[str, int]) -> None:
        self.usual = usual
        self.by_length: Mapping[int, list[str]] = defaultdict(list)
        for one in sorted(usual):
            self.by_length[len(one)].append(one)
        self.by_plain: Mapping[str, list[str]] = defaultdict(list)
        for one in sorted(usual):
            self.by_plain[_plain(one)].append(one)
        self.words = Counter[str]()
        for one, count in usual.items():
            for word in _WORDS.findall(one):
                self.words[word] = max(self.words[word], count)

    def nearest(self, spelled: str, *, than: int = 0) -> str:
        """The nearest usual spelling with at least `than` cells; '' if there is none, or more than one."""
        alike = [
            one for one in self.by_plain.get(_plain(spelled), ()) if one != spelled and self.usual[one] >= 2 * than
        ]
        if alike:
            return max(alike, key=lambda one: (self.usual[one], one))
        most = _allowed(len(spelled))
        best, found = most + 1, list[str]()
        for length in range(len(spelled) - most, len(spelled) + most + 1):
            for one in self.by_length.get(length, ()):
                if one == spelled or self.usual[one] < than:
                    continue
                limit = min(best, most, _allowed(length))
                apart = distance(spelled, one, limit)
                if apart < best and apart <= limit:
                    best, found = apart, [one]
                elif apart == best <= limit:
                    found.append(one)
        if best > most or len(found) != 1 or self._is_other_word(spelled, found[0], max(than, 1)):
            return ""
        return found[0]

    def alike(self) -> int:
        """How many usual spellings are near another one."""
        return sum(bool(self.nearest(one)) for one in self.usual)

    def _is_other_word(self, spelled: str, right: str, than: int) -> bool:
        """Whether the word that differs stands in other usual values: then it is no error, nor is a changed number."""
        own, others = set(_WORDS.findall(spelled)), set(_WORDS.findall(right))
        new = own - others
        return (spelled.count("0") != right.count("0") and not new) or any(
            self.words[word] >= than for word in new if len(word) > 1
        )


def _plain(value: str) -> str:
    """A value without case, double blanks, and signs around it."""
    return " ".join(value.casefold().split()).strip(_SIGNS) or value


def _allowed(length: int) -> int:
    return 0 if length < 4 else 1 if length < 8 else 2 if length < 15 else 3


def distance(one: str, other: str, most: int) -> int:
    """Letters to insert, delete, replace or swap with the next, to get from one to the other; most + 1 if more.

    Examples
    --------
    >>> distance("Lodnon", "London", 2), distance("abc", "xyz", 2)
    (1, 3)
    """
    if abs(len(one) - len(other)) > most or sum((Counter(one) - Counter(other)).values()) > most:
        return most + 1
    before, last = list(range(len(other) + 1)), list[int]()
    for i, sign in enumerate(one, 1):
        row = [i]
        for j, wanted in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (sign != wanted))
            if i > 1 and j > 1 and sign == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
        last, before = before, row
    return min(before[-1], most + 1)


def _with_digits(right: str, value: str) -> str | None:
    """The right form with the numbers of the value; None if they do not fit."""
    numbers: Sequence[str] = _DIGITS.findall(value)
    forms = right.split("0")
    differing = set(_plain(mask(value)).split()) ^ set(_plain(right).split())
    if len(forms) - 1 != len(numbers) or any("0" in word for word in differing):
        return None
    return "".join(text + number for text, number in zip(forms, [*numbers, ""], strict=True))
