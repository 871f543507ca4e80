"""How sure cells are to be wrong after a few were reviewed: those that the same strategies doubt share the reviews."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

Vote = tuple[str, float]
"""A strategy, and how sure it is that the cell is wrong."""
Vector = tuple[tuple[str, int], ...]
Strategies = tuple[str, tuple[str, ...]]
"""A column, and strategies that doubt cells of it."""
_Review = tuple[Vector, float, bool]
"""The strategy vector of a cell, the log-odds that it is wrong, and whether it was."""


def strategy_vector(votes: Iterable[Vote]) -> Vector:
    """Which strategies doubt a cell, and how surely, in tenths.

    Examples
    --------
    >>> strategy_vector([("typo", 0.83), ("dependency", 0.97), ("typo", 0.4)])
    (('dependency', 9), ('typo', 8))
    """
    best: dict[str, float] = {}
    for name, sure in votes:
        best[name] = max(best.get(name, 0.0), sure)
    return tuple(sorted((name, int(10 * sure)) for name, sure in best.items()))


@dataclass
class ReviewedClusters:
    """Reviews by cluster: the cells of a column with the same strategy vector, among those of the same strategies.

    The log-odds of a cell to be wrong are those of its strategies, shifted by what the reviews of the same strategies
    say of all their cells, and by what those of the same vector say besides. Both shifts are drawn to zero, so that a
    single review changes little.

    Source
    ------
    Mahdavi, Abedjan et al. (2019), Raha, SIGMOD: cells are clustered by strategy vectors, and labels of a few rows are
    propagated in each cluster. Differs: clusters are equal vectors, and reviews shift the guess of the strategies.

    Examples
    --------
    >>> clusters = ReviewedClusters()
    >>> for wrong in (False, False, False):
    ...     clusters.add("city", [("typo", 0.8)], 0.8, wrong)
    >>> round(clusters.sure("city", [("typo", 0.8)], 0.8), 2), clusters.sure("land", [("typo", 0.8)], 0.8)
    (0.25, 0.8)
    """

    reviews: dict[Strategies, list[_Review]] = field(default_factory=lambda: defaultdict(list))
    _shifts: dict[Strategies, tuple[float, dict[Vector, float]]] = field(default_factory=dict)

    def add(self, column: str, votes: Sequence[Vote], guess: float, wrong: bool) -> None:
        """One reviewed cell that some strategies doubt."""
        strategies, vector = _clusters(column, votes)
        self.reviews[strategies].append((vector, _log_odds(guess), wrong))
        self._shifts.pop(strategies, None)

    def sure(self, column: str, votes: Sequence[Vote], guess: float) -> float:
        """How likely a cell is wrong, with the reviews of its clusters; `guess` is what it was before."""
        strategies, vector = _clusters(column, votes)
        if strategies not in self.reviews:
            return guess
        if strategies not in self._shifts:
            self._shifts[strategies] = _fitted(self.reviews[strategies])
        of_all, of_vector = self._shifts[strategies]
        return _probability(_log_odds(guess) + of_all + of_vector.get(vector, 0.0))


def _clusters(column: str, votes: Sequence[Vote]) -> tuple[Strategies, Vector]:
    """The cells of the same strategies, and among them those doubted as surely."""
    vector = strategy_vector(votes)
    return (column, tuple(name for name, _ in vector)), vector


def _fitted(reviews: Sequence[_Review]) -> tuple[float, dict[Vector, float]]:
    """The shift of all reviews, and that of each vector: the most likely ones, both normal around zero."""
    whole, by_vector = 0.0, dict.fromkeys((vector for vector, _, _ in reviews), 0.0)
    for _ in range(_ROUNDS):
        whole = _step(whole, _OF_STRATEGIES, [(odds + whole + by_vector[one], wrong) for one, odds, wrong in reviews])
        for vector, shift in by_vector.items():
            mine = [(odds + whole + shift, wrong) for one, odds, wrong in reviews if one == vector]
            by_vector[vector] = _step(shift, _OF_VECTOR, mine)
    return whole, by_vector


def _step(shift: float, spread: float, judged: Sequence[tuple[float, bool]]) -> float:
    """One step of Newton's method: a little shorter, as two shifts explain the same reviews."""
    probs = [(_probability(odds), wrong) for odds, wrong in judged]
    slope = sum(wrong - prob for prob, wrong in probs) - shift / spread**2
    bend = sum(prob * (1 - prob) for prob, _ in probs) + 1 / spread**2
    return shift + 0.7 * slope / bend


_ROUNDS, _OF_STRATEGIES, _OF_VECTOR = 40, 1.5, 1.0
"""Steps of the fit, and how far both shifts may be expected to lie from zero."""


def _log_odds(probability: float) -> float:
    held = min(max(probability, 0.01), 0.99)
    return math.log(held / (1 - held))


def _probability(log_odds: float) -> float:
    return 1 / (1 + math.exp(-log_odds))


@dataclass(frozen=True)
class Change:
    """What reviewers did to cells: a beginning and an end that were taken off, and what was put there instead."""

    off: tuple[str, str]
    on: tuple[str, str]

    def fits(self, value: str) -> bool:
        """Whether a value has them."""
        rest = len(value) - sum(map(len, self.off))
        return rest > 0 and value.startswith(self.off[0]) and value.endswith(self.off[1])

    def made(self, value: str) -> str:
        """The value after the change."""
        return self.on[0] + value[len(self.off[0]) : len(value) - len(self.off[1])] + self.on[1]


_LEAST_SAME = 3


def repeated_changes(pairs: Iterable[tuple[str, str]], kept: Iterable[str]) -> tuple[Change, ...]:
    """The changes of the ends of cells that reviewers made again and again in one column, and never left undone.

    Parameters
    ----------
    pairs : given and right value of each corrected cell.
    kept : values that reviewers found right.

    Examples
    --------
    >>> repeated_changes([("16 oz", "16"), ("8 oz", "8"), ("12 oz", "12"), ("Rmoe", "Rome")], ["5", "9"])
    (Change(off=('', ' oz'), on=('', '')),)
    >>> repeated_changes([("16 oz", "16"), ("8 oz", "8"), ("12 oz", "12")], ["5 oz"])
    ()
    """
    right, counts = list(kept), Counter[Change]()
    for given, to in set(pairs):
        change = _change(given, to)
        if change is not None:
            counts[change] += 1
    often = [one for one, count in counts.items() if count >= _LEAST_SAME]
    return tuple(sorted((one for one in often if not any(map(one.fits, right))), key=lambda one: (one.off, one.on)))


def _change(given: str, to: str) -> Change | None:
    """The ends in which both differ around a middle that one of them is; None if neither holds the other."""
    if not given or not to or given == to:
        return None
    inner, outer = (to, given) if to in given else (given, to)
    at = outer.find(inner)
    if at < 0:
        return None
    ends = outer[:at], outer[at + len(inner) :]
    return Change(ends, ("", "")) if inner is to else Change(("", ""), ends)


def rare_corrections(
    pairs: Iterable[tuple[str, str]], kept: Iterable[str], counts: Mapping[str, int]
) -> dict[str, str]:
    """Values that mean another one wherever they stand: corrected in the same way each time, and far rarer than it.

    Examples
    --------
    >>> rare_corrections([("Itly", "Italy"), ("Norway", "Italy")], ["Rome"], {"Itly": 4, "Italy": 90, "Norway": 80})
    {'Itly': 'Italy'}
    """
    right, to = set(kept), dict[str, set[str]]()
    for given, value in pairs:
        to.setdefault(given, set()).add(value)
    return {
        given: value
        for given, values in to.items()
        for value in values
        if given and value and len(values) == 1 and given not in right and _far_rarer(given, value, counts)
    }


_RARER = 0.1


def _far_rarer(given: str, value: str, counts: Mapping[str, int]) -> bool:
    return counts.get(given, 0) <= _RARER * counts.get(value, 0)
