"""Which cells of a table are wrong: every strategy that fits, one after the other, on the cells repaired so far."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np

from dechaff.core.table import Column
from dechaff.methods.cells.broken_encoding import broken_encoding
from dechaff.methods.cells.cell_columns import CellColumn, CellColumns, CellRule, Doubt
from dechaff.methods.cells.cell_shapes import cell_shapes
from dechaff.methods.cells.date_orders import date_orders
from dechaff.methods.cells.linear_relations import linear_relations
from dechaff.methods.cells.merged_cells import merged_cells
from dechaff.methods.cells.missing_values import missing_values
from dechaff.methods.cells.near_spellings import near_spellings
from dechaff.methods.cells.non_numbers import non_numbers
from dechaff.methods.cells.order_rules import order_rules
from dechaff.methods.cells.reviewed_clusters import Vote
from dechaff.methods.cells.scale_shifts import scale_shifts
from dechaff.methods.cells.soft_dependencies import soft_dependencies
from dechaff.methods.cells.source_fusion import source_fusion
from dechaff.methods.cells.unit_spellings import unit_spellings

FLAGGED = 0.5
"""Cells at least this sure to be wrong are flagged."""

Strategy = Callable[[CellColumns], Sequence[CellRule]]
STRATEGIES: tuple[Strategy, ...] = (
    broken_encoding,
    missing_values,
    merged_cells,
    unit_spellings,
    date_orders,
    non_numbers,
    near_spellings,
    cell_shapes,
    scale_shifts,
    source_fusion,
    soft_dependencies,
    order_rules,
    linear_relations,
)
"""In the order in which they look: what one repairs, the next ones read."""

Cell = tuple[int, str]
"""A row and the name of a column."""


@dataclass
class _Met:
    """What was found so far: the surest doubt of each cell, and all votes against it."""

    best: dict[Cell, tuple[Doubt, CellRule]] = field(default_factory=dict)
    votes: dict[Cell, list[Vote]] = field(default_factory=dict)


@dataclass(frozen=True)
class FoundCells:
    """The doubted cells of some rows, and the rules that they contradict."""

    doubts: Mapping[Cell, Doubt]
    rules: tuple[CellRule, ...]
    broken: Mapping[Cell, CellRule] = field(default_factory=dict)
    """The rule that each doubt comes from."""
    votes: Mapping[Cell, Sequence[Vote]] = field(default_factory=dict)
    """Which strategies doubt a cell, and how surely."""

    @property
    def flagged(self) -> dict[Cell, Doubt]:
        """The doubts of cells that are wrong more likely than not, row by row."""
        sure = {cell: doubt for cell, doubt in self.doubts.items() if doubt.sure >= FLAGGED}
        return dict(sorted(sure.items(), key=lambda one: one[0][0]))


def find_cells(columns: CellColumns, strategies: Iterable[Strategy] = STRATEGIES) -> FoundCells:
    """Learn rules of some rows, and the cells of the same rows that contradict them."""
    repaired, found, rules = columns, _Met(), list[CellRule]()
    for strategy in strategies:
        learned = strategy(repaired)
        rules += learned
        repaired = _look(learned, repaired, found, own=True)
    return _found(found, columns, rules)


def check_cells(rules: Sequence[CellRule], columns: CellColumns) -> FoundCells:
    """The cells of other rows that contradict rules that were learned before."""
    repaired, found = columns, _Met()
    for _, some in groupby(rules, key=type):
        repaired = _look(tuple(some), repaired, found, own=False)
    return _found(found, columns, rules)


def cell_columns(columns: Iterable[Column]) -> CellColumns:
    """The columns of a table whose cells can be compared: all but images."""
    return {name: CellColumn(name, one.distinct) for name, one in comparable_columns(columns).items()}


def comparable_columns(columns: Iterable[Column]) -> dict[str, Column]:
    """The columns of a table whose cells can be compared, by name: all but images."""
    return {one.name: one for one in columns if one.kind != "image"}


def _look(rules: Sequence[CellRule], repaired: CellColumns, found: _Met, *, own: bool) -> CellColumns:
    """The columns after the repairs of some rules; what was doubted is noted in `found`."""
    writes: dict[str, dict[int, str]] = {}
    for rule in rules:
        for one in rule.doubts(repaired, own=own):
            for row, doubt in zip(one.rows.tolist(), one.doubts, strict=True):
                known, _ = found.best.get((row, one.column), (None, None))
                found.votes.setdefault((row, one.column), []).append((type(rule).__name__, doubt.sure))
                if known is None or (
                    doubt.suggested is not None and (known.suggested is None or doubt.sure >= known.sure)
                ):
                    found.best[row, one.column] = doubt, rule
                    if doubt.sure >= FLAGGED:
                        writes.setdefault(one.column, {})[row] = doubt.suggested or ""
    return {name: _written(column, writes.get(name, {})) for name, column in repaired.items()}


def _written(column: CellColumn, cells: Mapping[int, str]) -> CellColumn:
    if not cells:
        return column
    values = column.values[column.codes]
    values[np.fromiter(cells, np.int64)] = list(cells.values())
    return CellColumn.of(column.name, values)


def _found(found: _Met, columns: CellColumns, rules: Sequence[CellRule]) -> FoundCells:
    """What was found, if the suggestion is another value than the cell has."""
    given = {cell: columns[cell[1]].cell(cell[0]) for cell in found.best}
    changed = {cell: one for cell, one in found.best.items() if one[0].suggested != given[cell]}
    doubts, broken = ({cell: doubt for cell, (doubt, _) in changed.items()},
                      {cell: rule for cell, (_, rule) in changed.items()})  # fmt: skip
    return FoundCells(doubts, tuple(rules), broken, found.votes)
