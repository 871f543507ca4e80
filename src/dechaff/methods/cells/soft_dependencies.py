"""Soft functional dependencies: columns that nearly decide another one, and the cells that all their groups outvote."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dechaff.core.codes import Codes
from dechaff.core.words import listed
from dechaff.methods.cells.cell_columns import CellColumn, CellColumns, CellDoubts, Doubt
from dechaff.typing import Mask, Numbers, Rows

STRONG = 0.8
"""From this gain on, a column decides another."""
ROBUST = 0.9
"""The same without the rare exceptions of each group, which hide what decides a column that is nearly constant."""
ALONE = 0.9
"""A column that decides alone needs this gain, and exceptions of many kinds: the same one again is no error."""
EVEN, EVEN_GROUPS, EVEN_P = 0.02, 3, 0.01
"""Where few kinds are possible, rare exceptions are errors if chance would spread them over that many groups alike."""
MARGIN, OWN_WEIGHT = 0.5, 2.0
"""The winner needs this much more than so many times the votes for the cell as it is."""
FEWEST = 2
"""Rows of a group needed beside the one in question."""
EXCEPTIONS, OF_VALUE = 3, 0.5
"""So many exceptions that share a value of another column, and are most of its rows, are what that value means."""
_SAMPLE, _MAYBE = 5_000, 0.7
"""Pairs of columns are tried on this many rows first, and go on from this gain."""
_MOST_GROUPS = 200_000
RARE, _LARGE, MANY_KINDS, EXCEPTIONAL = 0.2, 5, 0.5, 0.06

Counts = npt.NDArray[np.int64]

Groups = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class Decider:
    """A column that decides another: how strongly, whether its exceptions vary, and its values beside the other's."""

    column: str
    strength: float
    varied: bool
    groups: Groups


@dataclass(frozen=True)
class DependencyRule:
    """The value of one column follows from others: what each of them says is a vote."""

    column: str
    deciders: tuple[Decider, ...]
    least: float = 0.0
    """Numbers decided by numbers are doubted if they differ by more than this."""

    def words(self) -> str:
        """Which columns decide it."""
        names = listed([one.column for one in self.deciders])
        return f"{names} {'decides' if len(self.deciders) == 1 else 'decide'} {self.column}."

    def doubts(self, columns: CellColumns, *, own: bool) -> Iterator[CellDoubts]:
        """The cells for which others have far more votes; of its own rows, each is left out of its own groups."""
        deciders = [one for one in self.deciders if one.column in columns]
        if self.column not in columns or not deciders:
            return
        column = columns[self.column]
        votes = [_votes(one, columns[one.column], column, own=own) for one in deciders]
        winner, weight, support, by = _counted(votes)
        varied = np.array([one.varied for one in deciders])[:, None]
        strong = np.array([one.strength >= ALONE for one in deciders])[:, None]
        trusted = (by & varied).any(axis=0) & ((by.sum(axis=0) >= 2) | (by & varied & strong).any(axis=0))
        missing = column.values[column.codes] == ""
        beaten = trusted & (weight > OWN_WEIGHT * support + MARGIN) & (winner != column.values[column.codes])
        rows = np.flatnonzero(beaten & (winner != "") & ~(missing & (weight < 2 * MARGIN)))
        rows = rows[~_explained(rows, [one for one in columns.values() if one is not column])]
        if self.least:
            apart = np.array([abs(_number(winner[row]) - column.numbers[row]) for row in rows.tolist()])
            rows = rows[~(apart <= self.least)]
        doubts = []
        for row in rows.tolist():
            names = listed([deciders[at].column for at in np.flatnonzero(by[:, row]).tolist()])
            sure = float(weight[row] / (weight[row] + support[row] + 0.05))
            given = column.cell(row)
            why = f"Rows with the same {names} have {str(winner[row])!r}, not {given!r}."
            doubts.append(Doubt(str(winner[row]), sure, why))
        yield CellDoubts(self.column, rows, tuple(doubts))


def soft_dependencies(columns: CellColumns) -> tuple[DependencyRule, ...]:
    """The columns that others decide, with a few exceptions.

    Parameters
    ----------
    columns : by name, of the same rows.

    Returns
    -------
    tuple of DependencyRule
        One for each column that at least one other decides.

    Source
    ------
    Piatetsky-Shapiro, Matheus (1993), probabilistic dependencies; ``pdep(A, B) = sum n_ab^2 / (n_a n)``, corrected for
    its expectation under permutation. Votes are counted without the row itself. Own thresholds.

    Examples
    --------
    >>> city = np.array(["Rome", "Oslo", "Bern"] * 20, dtype=object)
    >>> land = np.array(["Italy", "Norway", "Switzerland"] * 20, dtype=object)
    >>> land[4] = "Italy"
    >>> cells = {name: CellColumn.of(name, one) for name, one in (("city", city), ("land", land))}
    >>> [rule.words() for rule in soft_dependencies(cells)]
    ['land decides city.', 'city decides land.']
    >>> [(row, found.suggested) for rule in soft_dependencies(cells) for one in rule.doubts(cells, own=True)
    ...  for row, found in zip(one.rows.tolist(), one.doubts)]
    [(4, 'Rome'), (4, 'Norway')]
    """
    usable = [one for one in columns.values() if len(one.values) > 1]
    repeating = [one for one in usable if len(one.values) <= min(0.7 * one.n_rows, _MOST_GROUPS) and _names(one)]
    rules = []
    for decided in usable:
        found = [_decider(one, decided) for one in repeating if one is not decided]
        strong = tuple(one for one in found if one is not None)
        if any(one.varied for one in strong):
            numbers = decided.is_numeric and all(columns[one.column].is_numeric for one in strong)
            rules.append(DependencyRule(decided.name, strong, _least(decided) if numbers else 0.0))
    return tuple(rules)


def _names(column: CellColumn) -> bool:
    """Whether the cells may name things: measurements with decimals do not."""
    numbers = column.figures[np.isfinite(column.figures)]
    return not column.is_numeric or bool((numbers == np.round(numbers)).all())


def _decider(decider: CellColumn, decided: CellColumn) -> Decider | None:
    n = decider.n_rows
    if n > 2 * _SAMPLE:
        rows = np.linspace(0, n - 1, _SAMPLE).astype(np.int64)
        if _gain(*_pairs(decider.codes[rows], decided.codes[rows], len(decided.values)), len(rows)) < _MAYBE:
            return None
    pairs = _pairs(decider.codes, decided.codes, len(decided.values))
    gain, cleaned = _gain(*pairs, n), _without_exceptions(*pairs)
    robust = _gain(*cleaned[:3], n)
    moved = cleaned[4] / n
    if gain < STRONG and (robust < ROBUST or moved > EXCEPTIONAL):
        return None
    return Decider(decider.name, max(gain, robust), cleaned[3] or _are_even(*pairs), _groups(decider, decided))


def _pairs(given: Codes, then: Codes, k: int) -> tuple[Codes, Codes, Counts]:
    """The different pairs of both columns, and how many rows have each."""
    pairs, counts = np.unique(given * k + then, return_counts=True)
    return pairs // k, pairs % k, counts


def _gain(given: Codes, then: Codes, counts: Counts, n: int) -> float:
    """How much better one column is known by another than by its own frequencies, beyond chance; 1 = entirely."""
    own = float((np.bincount(then, weights=counts) ** 2).sum()) / n**2
    groups = np.bincount(given, weights=counts)
    pdep = float((counts.astype(np.float64) ** 2 / groups[given]).sum()) / n
    expected = own + (int((groups > 0).sum()) - 1) / max(n - 1, 1) * (1 - own)
    return (pdep - expected) / (1 - expected) if expected < 1 else 0.0


def _without_exceptions(given: Codes, then: Codes, counts: Counts) -> tuple[Codes, Codes, Counts, bool, int]:
    """The pairs, rare exceptions of a group counted to its most frequent value; whether they are of many kinds."""
    groups = np.bincount(given, weights=counts)
    order = np.lexsort((-counts, given))
    first = np.ones(len(order), dtype=bool)
    first[1:] = given[order][1:] != given[order][:-1]
    top = order[first][np.cumsum(first) - 1]
    most = np.empty(len(order), dtype=np.int64)
    most[order] = top
    rare = (counts <= RARE * groups[given]) & (groups[given] >= _LARGE) & (most != np.arange(len(order)))
    target = np.where(rare, most, np.arange(len(order)))
    merged = np.bincount(target, weights=counts, minlength=len(order)).astype(np.int64)
    others = most != np.arange(len(order))
    many = len(counts[others]) >= MANY_KINDS * counts[others].sum()
    kept = merged > 0
    return given[kept], then[kept], merged[kept], bool(many), int(counts[others].sum())


def _are_even(given: Codes, then: Codes, counts: Counts) -> bool:
    """Whether rare exceptions occur at one rate in all groups: what a value really means stands in its own group."""
    groups = np.bincount(given, weights=counts)
    top = np.zeros(len(groups), dtype=np.int64)
    np.maximum.at(top, given, counts)
    exceptions = groups - top
    rate = exceptions.sum() / groups.sum()
    expected = rate * groups
    enough = expected >= 2
    if rate > EVEN or enough.sum() < EVEN_GROUPS:
        return False
    from scipy.special import chdtrc

    distance = float(((exceptions[enough] - expected[enough]) ** 2 / (expected[enough] * (1 - rate))).sum())
    return bool(chdtrc(int(enough.sum()) - 1, distance) > EVEN_P)


def _least(column: CellColumn) -> float:
    numbers = column.numbers[np.isfinite(column.numbers)]
    return 0.15 * float(np.quantile(numbers, 0.98) - np.quantile(numbers, 0.02))


def _number(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        return np.inf


def _groups(decider: CellColumn, decided: CellColumn) -> Groups:
    groups: dict[str, dict[str, int]] = defaultdict(dict)
    k = len(decided.values)
    pairs, counts = np.unique(decider.codes * k + decided.codes, return_counts=True)
    for pair, count in zip(pairs.tolist(), counts.tolist(), strict=True):
        given, then = decider.values[pair // k], decided.values[pair % k]
        if given and then:  # a missing cell neither votes nor is voted for
            groups[given][then] = count
    return dict(groups)


def _explained(rows: Rows, others: Sequence[CellColumn]) -> Mask:
    """Exceptions that another column explains: most rows with one of its values are such exceptions."""
    explained = np.zeros(len(rows), dtype=bool)
    for other in others:
        codes = other.codes[rows]
        exceptions = np.bincount(codes, minlength=len(other.values))
        enough = (exceptions >= EXCEPTIONS) & (exceptions >= OF_VALUE * other.counts) & (other.values != "")
        explained |= enough[codes]
    return explained


@dataclass(frozen=True)
class _Votes:
    """What one column says of each row: the winner, its weight, and the weight of the cell as it is."""

    winner: np.ndarray[tuple[int], np.dtype[np.object_]]
    weight: Numbers
    support: Numbers


def _votes(decider: Decider, given: CellColumn, then: CellColumn, *, own: bool) -> _Votes:
    k, winner = len(then.values), []
    pairs, place = np.unique(given.codes * k + then.codes, return_inverse=True)
    weight, support = np.zeros(len(pairs)), np.zeros(len(pairs))
    for at, pair in enumerate(pairs.tolist()):
        group, cell = decider.groups.get(given.values[pair // k], {}), then.values[pair % k]
        mine = group.get(cell, 0) - (own and cell in group)
        others = sum(group.values()) - (own and cell in group)
        best = max(sorted(group), key=lambda one: group[one] - (own and one == cell), default="")
        winner.append(best)
        if others >= FEWEST:
            weight[at] = decider.strength * (mine if best == cell else group[best]) / others
        if others > 0:
            support[at] = decider.strength * mine / others
    named = np.empty(len(pairs), dtype=object)
    named[:] = winner
    return _Votes(named[place], weight[place], support[place])


def _counted(votes: Sequence[_Votes]) -> tuple[np.ndarray, Numbers, Numbers, np.ndarray]:
    """The winner of each row, its votes, the votes for the cell as it is, and which columns voted for the winner."""
    best, weight = votes[0].winner.copy(), np.full(len(votes[0].weight), -1.0)
    for one in votes:
        total: Numbers = np.sum([np.where(two.winner == one.winner, two.weight, 0.0) for two in votes], axis=0)
        better: Mask = total > weight
        best[better], weight[better] = one.winner[better], total[better]
    by = np.array([(one.winner == best) & (one.weight > 0) for one in votes])
    return best, weight, np.sum([one.support for one in votes], axis=0), by
