"""Cross-validation folds by the content of rows, not by their position: groups whole, classes spread evenly."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heapify, heapreplace
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.core.groups import group_numbers, merged_groups
from dechaff.core.row_hash import Hashes, mixed
from dechaff.typing import Groups, Labels

Folds = npt.NDArray[np.int64]
_Floats = npt.NDArray[np.float64]

USUAL_FOLDS = 5


@dataclass(frozen=True)
class Units:
    """Rows that must share a fold, such as equal ones and those of one group."""

    of_rows: npt.NDArray[np.int64]
    """(n,) the unit of each row."""
    names: Hashes
    """(m,) a number for each unit that depends on the content of its rows only."""

    @classmethod
    def of(cls, hashes: Hashes, groups: npt.NDArray[Any] | None = None) -> Units:
        """Units of rows that have equal hashes or are in one group, directly or in a chain."""
        names, unit = np.unique(hashes, return_inverse=True)
        if groups is None:
            return cls(unit.astype(np.int64), names)
        joined = group_numbers(merged_groups(unit.astype(np.int64), np.unique(groups, return_inverse=True)[1]))
        smallest = np.full(int(joined.max(initial=-1)) + 1, np.iinfo(np.uint64).max, dtype=np.uint64)
        np.minimum.at(smallest, joined, hashes)
        return cls(joined, smallest)

    @classmethod
    def of_groups(cls, groups: Groups, hashes: Hashes) -> Units:
        """Units of rows in one group; -1 = alone, even if its hash equals that of another row."""
        unit = group_numbers(groups)
        names = np.zeros(int(unit.max(initial=-1)) + 1, dtype=np.uint64)
        np.add.at(names, unit, mixed(hashes))
        return cls(unit, names)


@dataclass(frozen=True)
class UnitFolds:
    """The folds of any number of units: those that were assigned, and all others by their hash alone.

    So a sample of the rows decides for the whole data set, one part at a time.
    """

    names: Hashes
    """Units that were assigned, in ascending order."""
    folds: Folds
    n_folds: int
    seed: int

    def of(self, units: Hashes) -> Folds:
        """The fold of each unit."""
        folds = (random_keys(units, self.seed) % np.uint64(self.n_folds)).astype(np.int64)
        if len(self.names):
            place = np.minimum(np.searchsorted(self.names, units), len(self.names) - 1)
            assigned = self.names[place] == units
            folds[assigned] = self.folds[place[assigned]]
        return folds


def unit_folds(units: Hashes, classes: Labels, *, n_folds: int = USUAL_FOLDS, seed: int = 0) -> UnitFolds:
    """Assign the units of a sample to folds, and keep the answer by the names of the units.

    Parameters
    ----------
    units : (n,) uint64
        The unit of each row of the sample.
    classes : (n,) int, -1 = missing
    n_folds, seed : as in `assign_folds`

    Examples
    --------
    >>> folds = unit_folds(np.array([7, 5, 6, 5], dtype=np.uint64), np.array([0, 0, 1, 0]), n_folds=2)
    >>> one, other, again = folds.of(np.array([5, 7, 5], dtype=np.uint64))
    >>> bool(one == again), bool(one == other)
    (True, False)
    """
    found = Units.of(units)
    return UnitFolds(found.names, assign_folds(found, classes, n_folds=n_folds, seed=seed), n_folds, seed)


def random_keys(names: Hashes, seed: int) -> Hashes:
    """A random number for each unit that only its name and the seed decide."""
    return mixed(names ^ mixed(np.array([seed % 2**64], dtype=np.uint64) + np.uint64(1)))


def assign_folds(
    units: Units, classes: Labels, *, weights: _Floats | None = None, n_folds: int = USUAL_FOLDS, seed: int = 0
) -> Folds:
    """A fold for each unit: every class spread evenly, whatever the order of the rows.

    Units of several classes come first, heaviest first, each to the fold that has the smallest part of its
    classes. Then those of one class level what is left, rarest class first: heavy units to the emptiest fold, and
    those of the least weight, in most data all rows, in the order of `random_keys`. Rows without a label count as
    one more class, so that they are predicted too.

    Parameters
    ----------
    units : Units
    classes : (n,) int
        Of each row; any negative number if the label is missing.
    weights : (n,) float, above 0
        How often each row counts; a row of weight 2 counts as two equal rows. None: each row counts once.
    n_folds : number of folds; with fewer units, some folds stay empty.
    seed : decides which units go together.

    Returns
    -------
    (m,) int, 0 … n_folds - 1

    Examples
    --------
    >>> units = Units.of(np.array([11, 12, 13, 14, 11], dtype=np.uint64))
    >>> folds = assign_folds(units, np.array([0, 0, 1, 1, 0]), n_folds=2)
    >>> bool(folds[0] != folds[1]), bool(folds[2] != folds[3])
    (True, True)
    """
    n_units = len(units.names)
    unit, level, weight = _weight_of_classes(units, classes, weights)
    keys = random_keys(units.names, seed)
    folds, counts = np.zeros(n_units, dtype=np.int64), np.zeros((n_folds, int(level.max(initial=0)) + 1))
    single = np.bincount(unit, minlength=n_units)[unit] == 1
    _assign_mixed(folds, counts, (unit, level, weight), keys, single)
    unit, level, weight = unit[single], level[single], weight[single]
    sizes = np.bincount(level, weight, minlength=counts.shape[1])
    equal = weight.min(initial=np.inf) == weight.max(initial=np.inf)
    key = _distinct_keys(keys[unit], level)
    order = np.lexsort((key, level) if equal else (key, -weight, level))
    bounds = np.searchsorted(level[order], np.arange(counts.shape[1] + 1))
    for rank in np.argsort(sizes, kind="stable").tolist():
        mine = order[bounds[rank] : bounds[rank + 1]]
        folds[unit[mine]] = _assign_class(counts, rank, weight[mine])
    return folds


def _distinct_keys(key: Hashes, level: Folds) -> Hashes:
    """Keys that spread units of one name and class, such as equal rows that need not share a fold."""
    order = np.lexsort((key, level))
    again = np.r_[False, (key[order][1:] == key[order][:-1]) & (level[order][1:] == level[order][:-1])][: len(key)]
    if not again.any():
        return key
    place = np.arange(len(key), dtype=np.uint64)
    nth = np.empty_like(place)
    nth[order] = place - np.maximum.accumulate(np.where(again, np.uint64(0), place))
    return np.where(nth > 0, mixed(key + nth), key)


def _weight_of_classes(units: Units, classes: Labels, weights: _Floats | None) -> tuple[Folds, Folds, _Floats]:
    """Unit, class and weight of all rows of that class in that unit, for every class that a unit has."""
    level = np.unique(classes, return_inverse=True)[1]
    n_levels = int(level.max(initial=0)) + 1
    if len(units.names) == len(level):
        cells, place = np.empty_like(units.of_rows), units.of_rows
        cells[place] = place * n_levels + level
    else:
        cells, place = np.unique(units.of_rows * n_levels + level, return_inverse=True)
    # Rounded to float32, so that sums whose last digit depends on the order of the rows count as equal.
    weight = np.bincount(place, weights, minlength=len(cells)).astype(np.float32).astype(np.float64)
    return cells // n_levels, cells % n_levels, weight


def _assign_mixed(
    folds: Folds,
    counts: _Floats,
    cells: tuple[Folds, Folds, _Floats],
    keys: Hashes,
    single: npt.NDArray[np.bool_],
) -> None:
    """Units of several classes, one after the other."""
    unit, level, weight = cells
    totals = np.bincount(level, weight, minlength=counts.shape[1])
    starts = np.flatnonzero(~single & np.r_[True, unit[1:] != unit[:-1]][: len(unit)])
    if not len(starts):
        return
    ends = np.searchsorted(unit, unit[starts], side="right")
    heavy = np.bincount(unit, weight)[unit[starts]]
    for place in np.lexsort((keys[unit[starts]], -heavy)).tolist():
        mine = slice(starts[place], ends[place])
        present, sizes = level[mine], weight[mine]
        burden = (counts[:, present] * sizes / totals[present]).sum(axis=1) / heavy[place]
        crowd = counts.sum(axis=1) / totals.sum()
        fold = int(np.argmin(burden + 1e-3 * crowd))
        folds[unit[starts[place]]] = fold
        counts[fold, present] += sizes


def _assign_class(counts: _Floats, level: int, weight: _Floats) -> Folds:
    """The folds of units of one class, heaviest first, which are added to the counts."""
    if not len(weight):
        return np.zeros(0, dtype=np.int64)
    crowd, mine = counts.sum(axis=1), counts[:, level]
    n_heavy = int((weight > weight[-1]).sum())
    emptiest = [(mine[fold], crowd[fold], fold) for fold in range(len(counts))]
    heapify(emptiest)
    heavy = []
    for one in weight[:n_heavy].tolist():
        count, all_counts, fold = emptiest[0]
        heavy.append(fold)
        heapreplace(emptiest, (count + one, all_counts + one, fold))
    for count, all_counts, fold in emptiest:
        counts[fold, level], crowd[fold] = count, all_counts
    number = _filled_up(counts[:, level] / weight[-1], crowd, len(weight) - n_heavy)
    counts[:, level] += number * weight[-1]
    return np.concatenate([np.array(heavy, dtype=np.int64), np.repeat(np.arange(len(counts)), number)])


def _filled_up(counts: _Floats, crowd: _Floats, n_rows: int) -> npt.NDArray[np.int64]:
    """How many of `n_rows` each fold gets, so that the counts end as level as they can."""
    order = np.lexsort((crowd, counts))
    ascending = counts[order]
    # The water level once the first i + 1 folds are filled up to it.
    level = (np.cumsum(ascending) + n_rows) / np.arange(1, len(counts) + 1)
    reached = int(np.flatnonzero(level >= ascending)[-1]) + 1
    share = np.zeros(len(counts), dtype=np.int64)
    share[order[:reached]] = np.floor(level[reached - 1] - ascending[:reached])
    emptiest = order[:reached][np.lexsort((crowd[order[:reached]], (counts + share)[order[:reached]]))]
    share[emptiest[: n_rows - int(share.sum())]] += 1
    return share
