"""Several sources that report the same things: what most of them say, where one differs or is silent."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from dechaff.core.codes import Codes
from dechaff.core.words import counted
from dechaff.methods.cells.cell_columns import CellColumn, CellColumns, CellDoubts, Doubt

ONCE = 0.97
"""Each source reports each thing once: fraction of the rows whose pair of both occurs once."""
FEWEST_ROWS, FEWEST_SOURCES = 3, 3
"""Rows that a thing, and a source, has on average."""
AGREEMENT = 0.3
"""How much better than by chance a column is known from the other rows of the same thing."""
LEAST_VOTES = 2
USUAL = 0.8
"""From this share on, the form of a value is the one that all should have."""
_CLOCK = re.compile(r"(\d{1,2}):(\d\d)(?::\d\d)?\s*([ap])?\.?\s*m?\.?", re.IGNORECASE)
_SPACE = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class FusionRule:
    """What the sources of ``source`` say of the things of ``thing``: the value of most, for each column and thing."""

    thing: str
    source: str
    column: str
    winners: Mapping[str, tuple[str, int, int]]
    """Thing -> the value that most sources give, how many do, and how many say anything."""
    usual: str = field(default="")
    """The form of the values, as in `form`, if nearly all have one."""
    sure: Mapping[str, float] = field(default_factory=dict)
    """Thing -> how sure its value is, if reviews decided it rather than the majority."""

    def words(self) -> str:
        """Who reports what."""
        return f"Each {self.source} reports {self.column} of each {self.thing}; most of them are right."

    def doubts(self, columns: CellColumns, *, own: bool) -> Iterator[CellDoubts]:
        """The cells that differ from what most say."""
        if self.thing not in columns or self.column not in columns:
            return
        thing, column = columns[self.thing], columns[self.column]
        k, found = len(column.values), dict[int, Doubt | None]()
        pairs = thing.codes * k + column.codes
        for pair in np.unique(pairs).tolist():
            found[pair] = self._doubt(str(thing.values[pair // k]), str(column.values[pair % k]))
        rows = [row for row, pair in enumerate(pairs.tolist()) if found[pair] is not None]
        doubts = [one for one in (found[int(pairs[row])] for row in rows) if one is not None]
        yield CellDoubts(self.column, np.array(rows, dtype=np.int64), tuple(doubts))

    def _doubt(self, thing: str, given: str) -> Doubt | None:
        if thing not in self.winners:
            return None
        right, votes, of = self.winners[thing]
        said = f"{votes} of {counted(of, 'row')} of {self.thing} {thing!r} have {right!r}"
        said += f", as sources do that reviews found right more often (column {self.source})" * (thing in self.sure)
        if not given:
            return Doubt(right, self.sure.get(thing, votes / (of + 0.5)), f"It is empty; {said}.")
        if canonical(given) != canonical(right):
            return Doubt(right, self.sure.get(thing, votes / (votes + (of - votes) / 2)), f"{said}, not {given!r}.")
        if self.usual and form(given) != self.usual and form(right) == self.usual:
            return Doubt(right, 0.7, f"{given!r} is written in another way than {right!r}.")
        return None


def source_fusion(columns: CellColumns) -> tuple[FusionRule, ...]:
    """The columns that several sources report of the same things.

    A thing and a source are two columns whose pairs hardly repeat, while each of them does, such as a flight and a web
    site; a column is reported if the rows of one thing agree far more than by chance. Clock times are compared as
    times, other values without case, blanks and signs.

    Source
    ------
    Li, Dong, Lyons, Meng, Srivastava (2012), "Truth finding on the deep web: is the problem solved?": voting. Sources
    are not weighted: they copy from one another.

    Examples
    --------
    >>> flights, sites = np.repeat([f"AA-{n}" for n in range(20)], 5), np.tile(["a", "b", "c", "d", "e"], 20)
    >>> times = np.repeat([f"{7 + n % 5}:{n:02} a.m." for n in range(20)], 5).astype(object)
    >>> times[3], times[8] = "9:59 a.m.", ""
    >>> cells = {"flight": flights, "site": sites, "time": times}
    >>> columns = {name: CellColumn.of(name, one.astype(object)) for name, one in cells.items()}
    >>> [(row, one.suggested) for rule in source_fusion(columns) for found in rule.doubts(columns, own=True)
    ...  for row, one in zip(found.rows.tolist(), found.doubts)]
    [(3, '7:00 a.m.'), (8, '8:01 a.m.')]
    """
    best, most = list[FusionRule](), 0.0
    candidates = [one for one in columns.values() if _repeats(one)]
    for thing in candidates:
        for source in candidates:
            if source is thing or not _once(thing, source):
                continue
            found = [(column, _agreement(thing.codes, column)) for column in columns.values()
                     if column is not thing and column is not source]  # fmt: skip
            agreeing = [(column, gain) for column, gain in found if gain >= AGREEMENT]
            if sum(gain for _, gain in agreeing) > most:
                most = sum(gain for _, gain in agreeing)
                best = [_rule(thing, source, column) for column, _ in agreeing]
    return tuple(best)


def _repeats(column: CellColumn) -> bool:
    enough = column.n_filled >= FEWEST_SOURCES
    return enough and column.n_present == column.n_rows >= FEWEST_ROWS * column.n_filled


def _once(thing: CellColumn, source: CellColumn) -> bool:
    pairs = len(np.unique(thing.codes * len(source.values) + source.codes))
    return len(thing.values) >= len(source.values) / 2 and pairs >= ONCE * thing.n_rows


def _agreement(thing: Codes, column: CellColumn) -> float:
    """How much better a value is known from the other rows of its thing than from all rows; 1 = entirely."""
    values = {value: at for at, value in enumerate(sorted({canonical(value) for value in column.values.tolist()}))}
    codes = np.array([values[canonical(value)] for value in column.values.tolist()])[column.codes]
    known = codes != values.get("", -1)
    n = int(known.sum())
    if len(values) < FEWEST_SOURCES or n < FEWEST_ROWS * FEWEST_SOURCES:
        return 0.0
    total = np.bincount(codes[known]).astype(np.float64)
    chance = float((total * (total - 1)).sum()) / (n * (n - 1))
    counts = np.unique(thing[known] * len(values) + codes[known], return_counts=True)[1]
    of_thing = np.bincount(thing[known]).astype(np.float64)
    agreeing = float((counts * (counts - 1.0)).sum()) / max(float((of_thing * (of_thing - 1)).sum()), 1.0)
    return (agreeing - chance) / (1 - chance) if chance < 1 else 0.0


def _rule(thing: CellColumn, source: CellColumn, column: CellColumn) -> FusionRule:
    k = len(column.values)
    votes: dict[int, Counter[str]] = defaultdict(Counter)
    spelled: dict[str, Counter[str]] = defaultdict(Counter)
    forms = Counter[str]()
    pairs, counts = np.unique(thing.codes * k + column.codes, return_counts=True)
    for pair, count in zip(pairs.tolist(), counts.tolist(), strict=True):
        value = str(column.values[pair % k])
        if value:
            votes[pair // k][canonical(value)] += count
            spelled[canonical(value)][value] += count
            forms[form(value)] += count
    top, most = forms.most_common(1)[0] if forms else ("", 0)
    usual = top if most >= USUAL * forms.total() else ""
    winners = {}
    for code, said in votes.items():
        (right, first), *rest = sorted(said.items(), key=lambda one: (-one[1], one[0]))
        if first >= LEAST_VOTES and (not rest or first > rest[0][1]):
            ways = spelled[right]
            written = max(ways, key=lambda one: (form(one) == usual, ways[one], one))
            winners[str(thing.values[code])] = (written, first, said.total())
    return FusionRule(thing.name, source.name, column.name, winners, usual)


def canonical(value: str) -> str:
    """What a value says, however it is written: clock times as 24 hours, other values without case, blanks and signs.

    Examples
    --------
    >>> canonical("12/02/2011 7:10 p.m."), canonical("7:10pm"), canonical(" St. Louis")
    ('19:10', '19:10', 'st louis')
    """
    found = _CLOCK.search(value)
    if found:
        hour, half = int(found[1]), (found[3] or "").lower()
        hour = hour % 12 + 12 * (half == "p") if half else hour
        return f"{hour}:{found[2]}"
    return _SPACE.sub(" ", value.casefold()).strip()


def form(value: str) -> str:
    """The form of a value: letters as a, numbers as 0."""
    return re.sub(r"[^\W\d_]", "a", re.sub(r"\d+", "0", value))
