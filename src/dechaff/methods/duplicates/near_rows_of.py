"""Rows whose numbers are all nearly equal, among any number of rows: slab by slab along their mean."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.core.codes import factorize
from dechaff.core.groups import Pairs, PairScore
from dechaff.core.row_hash import Hashes
from dechaff.methods.duplicates.near_rows import (
    HUGE,
    MIN_COLUMNS,
    MOST_NEAR,
    RADII,
    SAMPLED,
    Drawn,
    Places,
    Scale,
    directions,
    largest_difference,
    rounded_by_chance,
    scale_of,
    scaled_numbers,
    too_many_near,
)
from dechaff.typing import Rows

ROWS_OF_SLAB = 200_000
"""Rows that are compared at a time; as many are looked at for what chance makes equal after rounding."""
_ROWS_AT_ONCE, _ROUNDING, _ROWS_OF_SCALE = 2**16, 1e-12, 2**22


@dataclass(frozen=True)
class NumberRows:
    """Different rows, in memory or mapped from files; and the means of their numbers, in ascending order."""

    columns: Sequence[npt.NDArray[np.float64]]
    others: Hashes
    """(n,) equal for rows that agree in all columns that are no numbers."""
    scale: tuple[Scale, Scale]
    order: Rows
    means: npt.NDArray[np.float64]
    """In that order, in spreads of the columns; rows that nearly agree everywhere are as near by this."""
    releasing: Callable[[Iterable[Any]], Iterator[Any]]

    @classmethod
    def of(
        cls,
        columns: Sequence[npt.NDArray[np.float64]],
        others: Hashes,
        rows: Rows,
        releasing: Callable[[Iterable[Any]], Iterator[Any]] = iter,
    ) -> NumberRows:
        """The rows with these numbers, no two of them with the same content."""
        every = np.stack([column[:: 1 + len(others) // _ROWS_OF_SCALE] for column in columns], axis=1)
        scale, means = scale_of(every), np.zeros(len(rows))
        for centre, spread, column in zip(*scale, columns, strict=True):
            with np.errstate(all="ignore"):
                means += np.nan_to_num(np.clip((column[rows] - centre) / spread, -HUGE, HUGE)) / len(columns)
        order = np.argsort(means, kind="stable")
        return cls(columns, others, scale, rows[order], means[order], releasing)

    def places(self, rows: Rows) -> Places:
        """(m, d + 1) scaled numbers, and a column for all others, in which rows are equal or far."""
        numbers = np.stack([column[rows] for column in self.columns], axis=1)
        return scaled_numbers(numbers, factorize(np.asarray(self.others[rows]).view(np.int64)), self.scale)

    def slabs(self, distance: float) -> Iterator[tuple[Rows, int]]:
        """Rows whose means follow one another, those that may be near to them, and how many come before these."""
        n = len(self.order)
        for start in self.releasing(range(0, n, ROWS_OF_SLAB)):
            stop = min(start + ROWS_OF_SLAB, n)
            last = self.means[stop - 1]
            end = int(np.searchsorted(self.means, last + distance + _ROUNDING * abs(last), side="right"))
            yield self.order[start:end], stop - start


def near_rows_of(rows: NumberRows) -> tuple[Pairs, PairScore]:
    """Pairs as of `near_rows`, in memory that does not grow with the pairs that are compared.

    What chance explains is measured on drawn rows.
    """
    n, d = len(rows.order), len(rows.columns)
    if n >= 2 and d >= MIN_COLUMNS:
        for radius in RADII:
            pairs, distance, crowded = _pairs_within(rows, radius)
            if len(pairs) and not crowded and not _is_chance(rows, radius):
                return pairs, 1 - distance / RADII[0] / 2
    return np.empty((0, 2), dtype=np.int64), np.empty(0)


def _pairs_within(rows: NumberRows, radius: float) -> tuple[Pairs, PairScore, bool]:
    """Pairs within a distance, how far apart they are, and whether that may be chance."""
    from scipy.spatial import cKDTree

    pairs, distances, wider = [np.empty((0, 2), dtype=np.int64)], [np.empty(0)], 0
    for some, own in rows.slabs(10 * radius):
        places = rows.places(some)
        tree = cKDTree(directions(places))
        if tree.count_neighbors(tree, 10 * radius, p=np.inf) > (2 * MOST_NEAR + 1) * len(some):
            return pairs[0], distances[0], True
        near = tree.query_pairs(10 * radius, p=np.inf, output_type="ndarray").astype(np.int64)
        near = near[near.min(axis=1) < own]
        distance = largest_difference(places, near)
        wider += int((distance <= 10 * radius).sum())
        within = distance <= radius
        pairs.append(np.sort(some[near[within]], axis=1))
        distances.append(distance[within])
    found = np.concatenate(pairs)
    order = np.lexsort((found[:, 1], found[:, 0]))
    return found[order], np.concatenate(distances)[order], _is_crowded(rows, radius, len(found), wider - len(found))


def _is_crowded(rows: NumberRows, radius: float, found: int, nearer: int) -> bool:
    """Whether so many rows are a little further away that those found may be chance."""
    n = len(rows.order)
    drawn = np.unique(np.linspace(0, n - 1, min(n, SAMPLED)).astype(np.int64))
    wider = 0
    for place in drawn.tolist():
        low, high = np.searchsorted(rows.means, rows.means[place] + np.array([-100, 100]) * radius)
        for start in range(int(low), int(high), _ROWS_AT_ONCE):
            some = rows.order[start : min(start + _ROWS_AT_ONCE, int(high))]
            places = rows.places(np.concatenate([rows.order[[place]], some]))
            wider += int((np.abs(places[1:] - places[0]).max(axis=1) <= 100 * radius).sum())
        wider -= 1  # itself
    return too_many_near(found, nearer, max(wider, 0) / len(drawn), Drawn(n, len(drawn), len(rows.columns)))


def _is_chance(rows: NumberRows, radius: float) -> bool:
    """Whether drawn rows would be as often equal after rounding because the columns hold few different values."""
    drawn = rows.order[np.unique(np.linspace(0, len(rows.order) - 1, ROWS_OF_SLAB).astype(np.int64))]
    return rounded_by_chance(rows.places(drawn), radius)
