"""Dense rows compared by the distance between them."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, replace
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from dechaff.core.kernels.pair_sums import Exact, pair_squares
from dechaff.core.neighbours.comparable import Comparable, ExactScores, Positions, Scores, Which, row_blocks
from dechaff.core.neighbours.dense_rows import checked_matrix, product_error

_MOST_WHOLE = 2.0**20
"""Largest half squared length up to which float32 adds whole and half numbers exactly."""

_PLAIN = (1e-18, 1e18)
_SQUARED = (1e-100, 1e100)
_ALMOST_ALL = 0.999


@dataclass(frozen=True)
class EuclideanRows(Comparable):
    """The rows (n, d) as they are, the centre that is taken off and the power of two that they are scaled by.

    A score is half the negative squared distance of scaled rows: the product of two rows that carry half their
    squared length in one more column, and a one in another.
    """

    per_row: ClassVar[tuple[str, ...]] = ("rows", "halves")
    rows: npt.NDArray[Any]
    centre: npt.NDArray[np.float64]
    scale: float
    halves: npt.NDArray[np.float64]
    """Half the squared lengths; NaN for a row that cannot be compared."""
    whole: bool
    """Whether all are whole numbers, so small that float32 counts exactly."""
    reach: float
    """Almost all rows are no longer than this."""
    shift: int = 0
    """Power of two by which numbers were scaled, so that their squares fit a float."""
    _: KW_ONLY
    by_angle: bool = False

    def like(self, rows: Any) -> EuclideanRows:
        """Other rows, in the same units."""
        matrix = checked_matrix(rows, self.rows.shape[1])
        if self.shift:
            matrix = np.ldexp(matrix.astype(np.float64), self.shift)
        found = _prepared(matrix, self.centre, self.scale, whole=self.whole)
        return replace(found, reach=self.reach, shift=self.shift)

    def left(self, rows: Which) -> Scores:
        """Scaled rows, half their squared length negative, and a one."""
        return self._augmented(rows, length_at=-2, one_at=-1)

    def right(self, rows: Which) -> Scores:
        """Scaled rows, a one, and half their squared length negative."""
        return self._augmented(rows, length_at=-1, one_at=-2)

    def error(self, rows: Which, edge: ExactScores) -> ExactScores | None:
        """Rounding grows with the length of the row and with the distance.

        A row more than three times as long as this one is further away than half its own length, so that the rounding
        of its score is a fraction of the score; the lengths of all others are bounded by this one's.
        """
        if self.whole:
            return None
        unit = product_error(self.rows.shape[1] + 2)
        return np.asarray(unit * (32 * np.nan_to_num(self.halves[rows]) + 8 * np.abs(edge)))

    def exact(self, others: EuclideanRows, mine: Positions, theirs: Positions) -> ExactScores:
        """Half the negative squared distance, from the rows as they are."""
        return np.asarray(-0.5 * self.scale**2 * pair_squares(self.rows, others.rows, mine, theirs))

    def similarity(self, scores: ExactScores) -> ExactScores:
        """The distance negative, in the units of the rows."""
        return np.asarray(-np.sqrt(np.maximum(-2.0 * scores, 0.0)) / self.scale * 2.0**-self.shift)

    def sketch(self, rows: Which) -> Scores:
        """Rows as seen from the centre, those beyond almost all others drawn in."""
        lengths = np.sqrt(2 * np.nan_to_num(self.halves[rows]))
        factor = self.scale / np.maximum(lengths, self.reach)
        found = self.rows[rows] - self.centre.astype(self._sketched)
        found *= factor[:, None].astype(self._sketched)
        bad = np.isnan(self.halves[rows])
        if bad.any():
            found[bad] = 0.0
        return found.astype(np.float32, copy=False)

    @property
    def _sketched(self) -> type:
        """Sketches need few digits, but their numbers must fit."""
        return np.float32 if self.rows.dtype == np.float32 and _PLAIN[0] < self.scale < _PLAIN[1] else np.float64

    def _scaled(self, rows: Which) -> Exact:
        return _scaled(self.rows[rows], self.centre, self.scale)

    def _augmented(self, rows: Which, *, length_at: int, one_at: int) -> Scores:
        found = np.empty((len(self.halves[rows]), self.rows.shape[1] + 2), dtype=np.float32)
        found[:, :-2] = self._scaled(rows)
        found[:, length_at] = -np.nan_to_num(self.halves[rows])
        found[:, one_at] = 1.0
        bad = np.isnan(self.halves[rows])
        if bad.any():
            found[bad] = 0.0
        return found


def euclidean_rows(matrix: npt.ArrayLike) -> EuclideanRows:
    """Dense rows, to be compared by the distance between them.

    Parameters
    ----------
    matrix : (n, d) numbers
        Not copied. A row with a NaN or an infinite number has no neighbours.

    Raises
    ------
    InputError
        If it is no matrix of numbers.
    """
    rows = checked_matrix(matrix)
    largest, total, n_usable, whole = 0.0, np.zeros(rows.shape[1]), 0, True
    for some in row_blocks(len(rows)):
        part = rows[some][np.isfinite(rows[some]).all(axis=1)].astype(np.float64)
        largest = max(largest, float(np.abs(part).max(initial=0.0)))
        whole = whole and bool((part == np.rint(part)).all())
        n_usable += len(part)
        with np.errstate(over="ignore"):
            total += part.sum(axis=0)
    if largest > 0 and not _SQUARED[0] < largest < _SQUARED[1]:
        shift = -int(np.frexp(largest)[1])
        return replace(euclidean_rows(np.ldexp(rows.astype(np.float64), shift)), shift=shift)
    mean = total / max(n_usable, 1)
    if whole and largest < _MOST_WHOLE:
        found = _prepared(rows, np.rint(mean), 1.0, whole=True)
        if np.nan_to_num(found.halves).max(initial=0.0) < _MOST_WHOLE:
            return found
    scale = 2.0 ** -np.ceil(np.log2(largest)) if largest > 0 else 1.0  # a power of two rounds nothing
    return _prepared(rows, np.where(np.isfinite(mean), mean, 0.0), float(scale), whole=False)


def _prepared(rows: npt.NDArray[Any], centre: npt.NDArray[np.float64], scale: float, *, whole: bool) -> EuclideanRows:
    halves = np.empty(len(rows))
    for some in row_blocks(len(rows)):
        part = _scaled(rows[some], centre, scale)
        halves[some] = 0.5 * np.square(part).sum(axis=1)
        whole = whole and bool((part == np.rint(part))[np.isfinite(part)].all())
    halves[~np.isfinite(halves)] = np.nan
    whole = whole and bool(np.nan_to_num(halves).max(initial=0.0) < _MOST_WHOLE)
    known = halves[np.isfinite(halves)]
    reach = float(np.sqrt(2 * np.quantile(known, _ALMOST_ALL))) if len(known) else 1.0
    return EuclideanRows(rows, centre, scale, halves, whole, reach if reach > 0 else 1.0)


def _scaled(rows: npt.NDArray[Any], centre: npt.NDArray[np.float64], scale: float) -> Exact:
    with np.errstate(invalid="ignore", over="ignore"):
        return np.asarray((rows.astype(np.float64) - centre) * scale)
