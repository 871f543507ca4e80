"""What several sources say, weighed by how often reviewers found each of them right."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from dechaff.methods.cells.cell_columns import CellColumn, CellColumns
from dechaff.methods.cells.source_fusion import FusionRule, canonical, form

Truths = Mapping[tuple[int, str], str]
"""Row and column -> the right value of the cell, as a reviewer wrote or confirmed it."""
FEWEST_THINGS = 5
"""Reviewed things that must be there before sources are weighed."""
MORE_RIGHT = 2
"""So many more reviewed values must the weighed sources get right than the majority does, in all columns together."""
FALSE_VALUES = (1, 2, 5, 20)
"""How many wrong values are in use: few if sources copy each other's errors. The best on reviewed things is used."""
_ONE_FORM = 0.95
_PRIOR, _OF_COLUMN = 2.0, 6.0
"""Reviews that stand for the accuracy of all sources; and those of one source for its accuracy in one column."""

Said = dict[str, dict[str, list[str]]]
"""Thing -> its values, in one way of writing -> the sources that give each."""
Accuracy = Mapping[str, float]
"""Source -> how often it is right in one column."""


def reviewed_sources(rules: Sequence[FusionRule], columns: CellColumns, truths: Truths) -> tuple[FusionRule, ...]:
    """The same rules, with the value that the most reliable sources give instead of that of most sources.

    Each reviewed cell tells the right value of its thing, and so which of all its sources are right. A source counts by
    the logarithm of its odds to be right, so that one that is mostly wrong counts against what it says. The weights are
    used only if they get more of the reviewed values right than the majority, each left out in turn, and only in
    columns in which they get no fewer right.

    Parameters
    ----------
    rules : of one table, as `source_fusion` learned them.
    columns : the cells.
    truths : reviewed cells.

    Returns
    -------
    tuple of FusionRule
        Unchanged where there are too few reviews, or weights do not help.

    Source
    ------
    Dong, Berti-Equille, Srivastava (2009), "Integrating conflicting data: the role of source dependence", VLDB, ACCU.
    Differs: accuracies come from reviewed values alone, and copying is seen in how many wrong values are in use.

    Examples
    --------
    >>> from dechaff.methods.cells.source_fusion import source_fusion
    >>> things, sites = np.repeat([f"AA-{n:02}" for n in range(20)], 5), np.tile(["a", "b", "c", "d", "e"], 20)
    >>> times = np.repeat([f"{7 + n % 5}:00" for n in range(20)], 5).astype(object)
    >>> for thing in range(10):  # of every other one, three sites tell the same wrong time
    ...     times[10 * thing + 2 : 10 * thing + 5] = f"{1 + thing % 3}:30"
    >>> cells = {"flight": things, "site": sites, "time": times}
    >>> columns = {name: CellColumn.of(name, one.astype(object)) for name, one in cells.items()}
    >>> rules = source_fusion(columns)
    >>> truths = {(5 * thing, "time"): str(times[5 * thing]) for thing in range(8)}  # what the first site says
    >>> rules[0].winners["AA-10"][0], reviewed_sources(rules, columns, truths)[0].winners["AA-10"][0]
    ('3:30', '7:00')
    """
    rules = [_in_right_form(rule, columns, truths) for rule in rules]
    trials = [_Trial.of(rule, rules, columns, truths) for rule in rules]
    best = max(FALSE_VALUES, key=lambda wrong: (sum(one.hits(wrong) for one in trials), wrong))
    gained = sum(one.hits(best) - one.majority for one in trials)
    return tuple(
        _settled(
            one.weighed(best, columns) if gained >= MORE_RIGHT and one.helps(best) else one.rule, one, columns, truths
        )
        for one in trials
    )


def _in_right_form(rule: FusionRule, columns: CellColumns, truths: Truths) -> FusionRule:
    """The rule with its values written as reviewers do, if they nearly always use one form."""
    forms = Counter(form(value) for (_, name), value in truths.items() if name == rule.column and value)
    usual, count = forms.most_common(1)[0] if forms else ("", 0)
    if count < max(FEWEST_THINGS, _ONE_FORM * forms.total()) or usual == rule.usual:
        return rule
    rule = replace(rule, usual=usual)
    spelled = _spellings(rule, columns[rule.column])
    written = {thing: (spelled[canonical(one[0])], *one[1:]) for thing, one in rule.winners.items()}
    return replace(rule, winners=written)


def _settled(rule: FusionRule, trial: _Trial, columns: CellColumns, truths: Truths) -> FusionRule:
    """The rule with what reviewers wrote of each thing: it holds for all sources that speak of it."""
    thing = columns[rule.thing]
    known = {}
    for (row, name), value in truths.items():
        of = thing.cell(row)
        if name == rule.column and trial.right.get(of) == canonical(value):
            known[of] = (value, *rule.winners.get(of, ("", 1, 1))[1:])
    return replace(rule, winners={**rule.winners, **known}, sure={**rule.sure, **dict.fromkeys(known, 0.99)})


def _spellings(rule: FusionRule, column: CellColumn) -> dict[str, str]:
    """What a value says -> how it is mostly written, in the usual form if there is one."""
    ways: dict[str, Counter[str]] = defaultdict(Counter)
    for value, count in column.filled():
        ways[canonical(value)][value] += count
    return {said: max(some, key=lambda one: (form(one) == rule.usual, some[one], one)) for said, some in ways.items()}


@dataclass(frozen=True)
class _Hits:
    """Of each source: how many reviewed things it speaks of, and how many of them rightly."""

    of: Counter[str]
    hits: Counter[str]

    def rate(self, source: str, prior: float, weight: float) -> float:
        return (self.hits[source] + weight * prior) / (self.of[source] + weight)

    def less(self, said: Mapping[str, list[str]], right: str) -> _Hits:
        """The same without one thing."""
        sources = Counter(source for some in said.values() for source in some)
        return _Hits(self.of - sources, self.hits - Counter(said.get(right, [])))


def _claims(rule: FusionRule, columns: CellColumns) -> Said:
    thing, source, column = (columns[name] for name in (rule.thing, rule.source, rule.column))
    plain = [canonical(value) for value in column.values.tolist()]
    said: Said = defaultdict(lambda: defaultdict(list))
    for one, by, value in zip(thing.codes.tolist(), source.codes.tolist(), column.codes.tolist(), strict=True):
        if plain[value]:
            said[str(thing.values[one])][plain[value]].append(str(source.values[by]))
    return said


def _right(rule: FusionRule, columns: CellColumns, truths: Truths) -> dict[str, str]:
    """Thing -> its right value; things whose reviews contradict each other are left out."""
    thing, found = columns[rule.thing], defaultdict[str, set[str]](set)
    for (row, name), value in truths.items():
        if name == rule.column and value:
            found[thing.cell(row)].add(canonical(value))
    return {name: next(iter(values)) for name, values in found.items() if len(values) == 1}


def _counted(claims: Said, right: Mapping[str, str]) -> _Hits:
    of, hits = Counter[str](), Counter[str]()
    for thing, value in right.items():
        for said, sources in claims.get(thing, {}).items():
            of.update(sources)
            hits.update(sources if said == value else [])
    return _Hits(of, hits)


def _elsewhere(rules: Sequence[FusionRule], rule: FusionRule, columns: CellColumns, truths: Truths) -> _Hits:
    """The same counts in the other columns."""
    others = [_counted(_claims(one, columns), _right(one, columns, truths)) for one in rules if one is not rule]
    return _Hits(sum((one.of for one in others), Counter()), sum((one.hits for one in others), Counter()))


def _accuracies(here: _Hits, elsewhere: _Hits) -> dict[str, float]:
    """Of each source in one column, drawn towards its accuracy in all columns, and that towards the mean."""
    both = _Hits(here.of + elsewhere.of, here.hits + elsewhere.hits)
    mean = (both.hits.total() + 1) / (both.of.total() + 2)
    found = {}
    for source in both.of:
        found[source] = here.rate(source, both.rate(source, mean, _PRIOR), _OF_COLUMN)
    return found


def _best(said: Mapping[str, list[str]], accuracy: Accuracy, wrong: int) -> tuple[str, float]:
    """The value with the most weight, and its probability among those that are said; '' if nothing is."""
    weights = {}
    for value, sources in sorted(said.items()):
        odds = [accuracy.get(source, 0.5) for source in sources]
        weights[value] = sum(float(np.log(wrong * one / (1 - one))) for one in odds)
    if not weights:
        return "", 0.0
    most = max(weights.values())
    total = sum(np.exp(one - most) for one in weights.values())
    return max(weights, key=lambda value: weights[value]), float(1 / total)


@dataclass(frozen=True)
class _Trial:
    """One column: the values of its things, those that were reviewed, and how often the sources are right."""

    rule: FusionRule
    claims: Said
    right: Mapping[str, str]
    here: _Hits
    elsewhere: _Hits

    @classmethod
    def of(cls, rule: FusionRule, rules: Sequence[FusionRule], columns: CellColumns, truths: Truths) -> _Trial:
        claims, right = _claims(rule, columns), _right(rule, columns, truths)
        return cls(rule, claims, right, _counted(claims, right), _elsewhere(rules, rule, columns, truths))

    @cached_property
    def majority(self) -> int:
        """How many of the reviewed values most sources give."""
        winners = self.rule.winners
        return sum(canonical(winners.get(thing, ("",))[0]) == value for thing, value in self.right.items())

    @cached_property
    def _left_out(self) -> dict[str, dict[str, float]]:
        """Reviewed thing -> the accuracies without it."""
        return {
            thing: _accuracies(self.here.less(self.claims.get(thing, {}), value), self.elsewhere)
            for thing, value in self.right.items()
        }

    def hits(self, wrong: int) -> int:
        """How many of the reviewed values the weighed sources give, each left out in turn."""
        found = {thing: _best(self.claims.get(thing, {}), self._left_out[thing], wrong)[0] for thing in self.right}
        return sum(found[thing] == value for thing, value in self.right.items())

    def helps(self, wrong: int) -> bool:
        """Whether the weights may replace the majority in this column."""
        return len(self.right) >= FEWEST_THINGS and self.hits(wrong) >= self.majority

    def weighed(self, wrong: int, columns: CellColumns) -> FusionRule:
        """The rule with the value of the most reliable sources."""
        accuracy, spelled = _accuracies(self.here, self.elsewhere), _spellings(self.rule, columns[self.rule.column])
        winners, sure = dict(self.rule.winners), dict(self.rule.sure)
        for thing, said in self.claims.items():
            value, probability = _best(said, accuracy, wrong)
            winners[thing] = (spelled.get(value, value), len(said[value]), sum(map(len, said.values())))
            sure[thing] = min(probability, 0.99)
        return replace(self.rule, winners=winners, sure=sure)
