"""Numbers that contradict the other numbers of their row: far from what a line through all other rows predicts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from dechaff.core.words import listed
from dechaff.methods.cells.cell_columns import CellColumn, CellColumns, CellDoubts, Doubt
from dechaff.typing import Features, Figures, Mask

FEWEST, MIN_DISTINCT = 100, 12
"""Rows with all numbers, and different values of the column, that a relation needs."""
EXPLAINED = 0.9
"""Least part of the middle spread of a column that the others explain."""
FAR, OF_TAIL = 12.0, 6.0
"""A cell is doubted if its residual is so many times the usual one, and so many times that of 95 % of the cells."""
MOST = 0.02
"""Fraction of the cells that can be doubted."""
CLEARER = 1.25
"""So many times as far as any other column of the row must the doubted cell be: each of them may be the wrong one."""
LARGEST = 1e15
"""Columns with larger numbers are left out: their squares would lose all digits."""
_MOST_COLUMNS = 60
_ROUNDS = 3


@dataclass(frozen=True)
class Relation:
    """A column of numbers as a sum of others, each times a factor, and how far its cells usually lie from it."""

    column: str
    factors: Mapping[str, float]
    constant: float
    usual: float
    """Robust spread of the residuals."""
    least: float
    """Residuals above it are doubted."""

    def predicted(self, columns: CellColumns) -> Figures:
        """(n,) what the other columns say; NaN where one of them is missing."""
        parts = [factor * columns[name].numbers for name, factor in self.factors.items()]
        return np.asarray(self.constant + np.sum(parts, axis=0))

    def off(self, columns: CellColumns) -> Figures:
        """(n,) how far each cell is off; 0 if that is not known."""
        return np.nan_to_num(np.abs(columns[self.column].numbers - self.predicted(columns)), nan=0.0, posinf=0.0)


@dataclass(frozen=True)
class RelationRule:
    """The columns of a table that follow from the other numbers of the row."""

    relations: tuple[Relation, ...]

    def words(self) -> str:
        """The columns, and those that matter most for each."""
        said = (f"{one.column} follows from {listed(list(one.factors)[:2])} and other numbers of the row"
                for one in self.relations[:3])  # fmt: skip
        return "; ".join(said) + "."

    def doubts(self, columns: CellColumns, *, own: bool) -> Iterator[CellDoubts]:
        """The cells that are far from what the others say; in each row only the one that is by far the farthest."""
        there = [
            one for one in self.relations if one.column in columns and all(name in columns for name in one.factors)
        ]
        if not there:
            return
        off = np.array([one.off(columns) for one in there])
        times = off / np.array([[one.usual] for one in there])
        ordered = np.sort(times, axis=0)
        second = ordered[-2] if len(there) > 1 else np.zeros(times.shape[1])
        for at, one in enumerate(there):
            rows = np.flatnonzero((off[at] > one.least) & (times[at] >= CLEARER * second) & (times[at] == ordered[-1]))
            yield CellDoubts(one.column, rows, tuple(_doubt(one, columns, row) for row in rows.tolist()))


def _doubt(relation: Relation, columns: CellColumns, row: int) -> Doubt:
    column = columns[relation.column]
    given, right = column.cell(row), float(relation.predicted(columns)[row])
    return Doubt(None, 0.7, f"{given} contradicts the other numbers of the row, which lead to about {right:.4g}.")


def linear_relations(columns: CellColumns) -> tuple[RelationRule, ...]:
    """The columns of numbers that follow from the other numbers of the row, with a few cells that contradict.

    Each cell is predicted by least squares on all other rows, without those that are far: the residual of a row that
    is left out is the usual one over one minus its leverage.

    Source
    ------
    Allen (1974), Technometrics 16, PRESS: residuals of rows that are left out. Own thresholds.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> height = rng.normal(170, 8, 200)
    >>> foot, arm = height * 0.15 + rng.normal(0, 0.3, 200), height * 0.43 + rng.normal(0, 0.8, 200)
    >>> foot[7] = 34.0  # a usual foot, but not of a person of this height
    >>> cells = {"height": height, "foot": foot, "arm": arm}
    >>> columns = {name: CellColumn.of(name, one.round(1).astype(str).astype(object)) for name, one in cells.items()}
    >>> [(found.column, found.rows.tolist()) for rule in linear_relations(columns)
    ...  for found in rule.doubts(columns, own=True) if len(found.rows)]
    [('foot', [7])]
    """
    usable = [one for one in columns.values() if _is_usable(one)][:_MOST_COLUMNS]
    if len(usable) < 2:
        return ()
    numbers = np.column_stack([one.numbers for one in usable])
    numbers = numbers[np.isfinite(numbers).all(axis=1)]
    if len(numbers) < max(FEWEST, 10 * (len(usable) - 1)):
        return ()
    middle, spread = np.median(numbers, axis=0), _spread(numbers)
    if not (spread > 0).all():
        return ()
    found = (_relation(at, [one.name for one in usable], numbers, middle, spread) for at in range(len(usable)))
    relations = tuple(one for one in found if one is not None)
    return (RelationRule(relations),) if relations else ()


def _is_usable(column: CellColumn) -> bool:
    there = np.isfinite(column.figures)
    enough = column.counts[there].sum() >= max(FEWEST, 0.9 * column.n_rows) and len(column.values) >= MIN_DISTINCT
    return bool(enough and column.is_numeric and np.abs(column.figures[there]).max() < LARGEST)


def _relation(at: int, names: list[str], numbers: Features, middle: Figures, spread: Figures) -> Relation | None:
    """How one column follows from the others, whose middles and spreads are known."""
    given, others = numbers[:, at], [n for n in range(len(names)) if n != at]
    scaled, fitted = (np.delete(numbers, at, axis=1) - middle[others]) / spread[others], np.ones(len(given), dtype=bool)
    design = np.column_stack([np.ones(len(given)), scaled])
    residual, beta = np.zeros(len(given)), np.zeros(len(names))
    for _ in range(_ROUNDS):
        beta, residual = _left_out(design, given, fitted)
        usual = float(_spread(residual[:, None])[0])
        if usual <= 1e-9 * float(spread[at]):
            return None  # copies of each other: which is wrong cannot be seen
        fitted = np.abs(residual) <= FAR / 2 * usual
    if 1 - (usual / float(spread[at])) ** 2 < EXPLAINED:
        return None
    line = (beta, middle[others], spread[others])
    return _if_few_are_far(names[at], [names[n] for n in others], line, np.abs(residual), usual)


def _if_few_are_far(
    name: str, others: list[str], line: tuple[Figures, Figures, Figures], off: Figures, usual: float
) -> Relation | None:
    """The relation, if a few cells are far off."""
    beta, middle, spread = line
    least = max(FAR * usual, OF_TAIL * float(np.quantile(off, 0.95)))
    if not 0 < (off > least).mean() <= MOST:
        return None
    slopes = beta[1:] / spread
    weight = np.abs(beta[1:])
    order = np.argsort(-weight, kind="stable")
    factors = {others[n]: float(slopes[n]) for n in order.tolist()}
    return Relation(name, factors, float(beta[0] - (slopes * middle).sum()), usual, least)


def _left_out(design: Features, given: Figures, fitted: Mask) -> tuple[Figures, Figures]:
    """The line through the fitted rows, and the residual of each row from the line through the others."""
    used = design[fitted]
    inverse = np.linalg.pinv(used.T @ used.copy())  # a copy: of one array, numpy rounds the product in another way
    beta = inverse @ used.T @ given[fitted]
    leverage = np.where(fitted, ((design @ inverse) * design).sum(axis=1), 0.0)
    return beta, (given - design @ beta) / np.maximum(1 - leverage, 0.05)


def _spread(numbers: Features) -> Figures:
    low, high = np.quantile(numbers, [0.25, 0.75], axis=0)
    return np.asarray((high - low) / 1.349)
