"""How sure cells are to be wrong after a few were reviewed: those that the same strategies doubt share the reviews."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

Vote = tuple[str, float]
"""A strategy, and how sure it is that the cell is wrong."""
Vector = tuple[tuple[str, int], ...]
Strategies = tuple[str, tuple[str, ...]]
"""A column, and strategies that doubt cells of it."""


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


@dataclass(frozen=True)
class DoubtedCell:
    """A cell that some strategies doubt: its column, their votes, its given and suggested value, and how sure it is."""

    column: str
    votes: tuple[Vote, ...]
    values: tuple[str, str | None]
    guess: float

    @property
    def strategies(self) -> Strategies:
        """The strategies that doubt it."""
        return self.column, tuple(sorted({name for name, _ in self.votes}))

    @cached_property
    def clusters(self) -> tuple[Hashable, ...]:
        """Those that the cell belongs to, from the largest to the smallest."""
        return ("strategies",), ("vector", strategy_vector(self.votes)), ("values", self.values)


_Review = tuple[DoubtedCell, bool]
"""A reviewed cell, and whether it was wrong."""


@dataclass
class ReviewedClusters:
    """Reviews by cluster: cells of a column that the same strategies doubt, and as surely, and with the same values.

    The log-odds of a cell to be wrong are those of its strategies, shifted by what reviews say of all cells that the
    same strategies doubt, of those with the same vector, and of those with the same given and suggested value. All
    shifts are drawn to zero, so that a single review changes little; reviews of equal cells count as one for others.

    Source
    ------
    Mahdavi, Abedjan et al. (2019), Raha, SIGMOD: cells are clustered by strategy vectors, and labels of a few rows are
    propagated in each cluster. Differs: clusters are equal vectors, and reviews shift the guess of the strategies.

    Examples
    --------
    >>> clusters = ReviewedClusters()
    >>> for _ in range(2):
    ...     clusters.add(DoubtedCell("city", (("typo", 0.8),), ("Cortland", "Portland"), 0.8), wrong=False)
    >>> same = DoubtedCell("city", (("typo", 0.8),), ("Cortland", "Portland"), 0.8)
    >>> other = DoubtedCell("city", (("typo", 0.8),), ("Hambrug", "Hamburg"), 0.8)
    >>> clusters.sure(same) < 0.5 < clusters.sure(other) < 0.8
    True
    """

    reviews: dict[Strategies, list[_Review]] = field(default_factory=lambda: defaultdict(list))
    _shifts: dict[Strategies, dict[Hashable, float]] = field(default_factory=dict)

    def add(self, cell: DoubtedCell, *, wrong: bool) -> None:
        """One reviewed cell."""
        self.reviews[cell.strategies].append((cell, wrong))
        self._shifts.pop(cell.strategies, None)

    def sure(self, cell: DoubtedCell) -> float:
        """How likely a cell is wrong, with the reviews of its clusters."""
        if cell.strategies not in self.reviews:
            return cell.guess
        if cell.strategies not in self._shifts:
            self._shifts[cell.strategies] = _fitted(self.reviews[cell.strategies])
        return _probability(_shifted(cell, self._shifts[cell.strategies]))


def _shifted(cell: DoubtedCell, shifts: Mapping[Hashable, float]) -> float:
    return _log_odds(cell.guess) + sum(shifts.get(cluster, 0.0) for cluster in cell.clusters)


def _fitted(reviews: Sequence[_Review]) -> dict[Hashable, float]:
    """Cluster -> its shift: the most likely ones, all of them normal around zero."""
    same = Counter(cell.values for cell, _ in reviews)
    shifts: dict[Hashable, float] = {cluster: 0.0 for cell, _ in reviews for cluster in cell.clusters}
    spread = {cluster: one for cell, _ in reviews for cluster, one in zip(cell.clusters, _SPREADS, strict=True)}
    members = {cluster: [one for one in reviews if cluster in one[0].clusters] for cluster in shifts}
    for _ in range(_ROUNDS):
        for cluster, some in members.items():
            own = cluster[0] == "values" if isinstance(cluster, tuple) else False
            judged = [(1.0 if own else 1 / same[cell.values], _probability(_shifted(cell, shifts)), wrong)
                      for cell, wrong in some]  # fmt: skip
            shifts[cluster] += _step(shifts[cluster], spread[cluster], judged)
    return shifts


def _step(shift: float, spread: float, judged: Sequence[tuple[float, float, bool]]) -> float:
    """A step of Newton's method, a little shorter, as several shifts explain the same reviews."""
    slope = sum(weight * (wrong - prob) for weight, prob, wrong in judged) - shift / spread**2
    bend = sum(weight * prob * (1 - prob) for weight, prob, _ in judged) + 1 / spread**2
    return 0.7 * slope / bend


_ROUNDS, _SPREADS = 40, (1.5, 1.0, 2.0)
"""Steps of the fit, and how far the shifts of strategies, vectors and values may be expected to lie from zero."""


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
