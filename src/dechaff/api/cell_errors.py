"""``find_cell_errors``: which cells of a table are wrong, what may be right instead, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from dechaff.api.labels.item_result import Result
from dechaff.api.labels.names import PairNames, RowNames
from dechaff.api.reviewed_cells import reviewed_cells
from dechaff.checks import check_count
from dechaff.core.words import counted
from dechaff.data.columns.cells import Cells, cells_from_values
from dechaff.data.memory.source import read_memory
from dechaff.data.read import Read
from dechaff.errors import InputError
from dechaff.methods.cells.cell_columns import CellColumn, CellColumns
from dechaff.recipe.explore.cell_errors import FLAGGED, Cell, FoundCells, find_cells
from dechaff.recipe.explore.learned_cells import learn_cells, rows_to_review
from dechaff.typing import Mask, Rows, Score


@dataclass(frozen=True, repr=False, kw_only=True)
class CellErrors(Result):
    """What was found in the n × d cells of a table, whose names are pairs of a row and a column.

    Examples
    --------
    See `find_cell_errors`, which returns one.
    """

    names: PairNames = field(repr=False)
    cells: tuple[Cells, ...] = field(repr=False)
    """The columns, as they were read."""
    found: FoundCells = field(repr=False)
    source: Any = field(repr=False)
    """The caller's table, to be written back to."""
    reviewed: Mapping[Cell, str] = field(default_factory=dict, repr=False)
    """The right texts of reviewed cells, by the position of their row and the name of their column."""

    @property
    def score(self) -> Any:
        """(n, d) in [0, 1], how sure each cell is to be wrong; higher = look at this first."""
        return self._like_callers(self._score)

    @property
    def flag(self) -> Any:
        """(n, d) bool, the cells that are wrong more likely than not."""
        return self._like_callers(self._flag)

    @property
    def suggested(self) -> Any:
        """(n, d) what may be right, as text; '' = the cell should be empty, None = not known, or not doubted."""
        values = np.full((self.n_rows, len(self.cells)), None, dtype=object)
        for (row, column), doubt in self.found.doubts.items():
            values[row, self._place[column]] = doubt.suggested
        return self._like_callers(values)

    @property
    def rules(self) -> tuple[str, ...]:
        """What was learned of the columns, each rule a sentence."""
        return tuple(rule.words() for rule in self.found.rules)

    @property
    def n_rows(self) -> int:
        """How many rows the table has."""
        return len(self.names.rows)

    def table(self, cells: Any = None) -> Any:
        """row, column, given, suggested, score, flag, why and rule, one line per cell, in the caller's type of frame.

        Parameters
        ----------
        cells : pairs (row, column), in the order wanted; None = every flagged cell, in the caller's order.
        """
        return self._table(np.flatnonzero(self._flag) if cells is None else self.names.positions(cells))

    def repaired(self) -> Any:
        """The caller's table with every suggestion of a flagged cell written; same type, index, columns and order.

        Raises
        ------
        DataError
            If a suggestion does not fit into the type of its column.
        """
        cells: dict[str, dict[int, str]] = {}
        for (row, column), doubt in self.found.doubts.items():
            if doubt.sure >= FLAGGED and doubt.suggested is not None:
                cells.setdefault(column, {})[row] = doubt.suggested
        return self.source.with_cells(cells).improved(np.ones(self.n_rows, dtype=bool), {})

    def rows_to_review(self, n: int = 20) -> Any:
        """(n,) the caller's names of the rows from whose review `update` learns most; fewer if fewer are doubted."""
        rows = rows_to_review(as_columns(self.cells), self.found, check_count("n", n))
        return self.names.rows.named(np.array(rows, dtype=np.int64))

    def update(self, reviews: Any) -> Self:
        """The result after reviews: reviewed cells are settled, and cells like them follow.

        Sources that contradict each other are weighed by how often reviews found each of them right, if that gets
        more of the reviewed values right. Cells that the same strategies doubt share their reviews. A correction that
        was made three times, or of a value that is far rarer than the right one, is made in other rows too.

        Parameters
        ----------
        reviews : dict {(row, column): right value}, or {row: {column: right value}}
            A cell that was right is reviewed too: pass its value. None or '' = it should be empty. Rows need not come
            from `rows_to_review`. Later calls add to earlier ones.

        Raises
        ------
        InputError
            If a row or a column is unknown.

        Examples
        --------
        >>> import dechaff
        >>> towns = ["Portland"] * 60 + ["Cortland"] * 3
        >>> found = dechaff.find_cell_errors({"town": towns, "guests": list(range(63))})
        >>> found.n_flagged, found.update({(60, "town"): "Cortland", (61, "town"): "Cortland"}).n_flagged
        (3, 0)
        """
        columns = as_columns(self.cells)
        reviewed = {**self.reviewed, **reviewed_cells(reviews, self.names, columns)}
        return replace(self, reviewed=reviewed, found=learn_cells(columns, reviewed))

    def __repr__(self) -> str:
        fixed = sum(one.suggested is not None for one in self.found.doubts.values() if one.sure >= FLAGGED)
        return (
            f"<CellErrors: {self.n_flagged:,} of {counted(len(self), 'cell')} flagged, {fixed:,} with a repair; "
            f"{counted(len(self.found.rules), 'rule')} learned>"
        )

    def _like_callers(self, values: npt.NDArray[Any]) -> Any:
        table = values.reshape(self.n_rows, len(self.cells))
        return self.names.rows.like_callers(table, columns=[one.name for one in self.cells])

    @property
    def _unread_ranked(self) -> Rows:
        """Cells that are not flagged are left out: nothing speaks against most of them."""
        return self.ranked[: self.n_flagged]

    @cached_property
    def _place(self) -> dict[str, int]:
        return {one.name: at for at, one in enumerate(self.cells)}

    @cached_property
    def _score(self) -> Score:
        score = np.zeros((self.n_rows, len(self.cells)))
        for (row, column), doubt in self.found.doubts.items():
            score[row, self._place[column]] = doubt.sure
        return score.ravel()

    @property
    def _flag(self) -> Mask:
        return np.asarray(self._score >= FLAGGED)

    def _table(self, positions: Rows) -> Any:
        width = len(self.cells)
        where = [(at // width, self.cells[at % width]) for at in positions.tolist()]
        doubts = [self.found.doubts.get((row, column.name)) for row, column in where]
        rules = [self.found.broken.get((row, column.name)) for row, column in where]
        columns = {
            "given": _objects([column.raw[row] for row, column in where]),
            "suggested": _objects([None if one is None else one.suggested for one in doubts]),
            "score": self._score[positions],
            "flag": self._flag[positions],
            "why": _objects(["" if one is None else one.why for one in doubts]),
            "rule": _objects(["" if one is None else one.words() for one in rules]),
        }
        return self.names.table(columns, positions)


def find_cell_errors(frame: Any, *, ids: Any = None) -> CellErrors:
    """The cells of a table that are wrong, with what may be right, how sure that is, and the reason.

    No labels and no rules are needed: what holds in nearly all rows is learned, and the cells that contradict it are
    flagged. Each strategy is tried on every column it fits; what one repairs, the next ones read: broken encodings,
    placeholders for missing values, two values in one cell, units, dates in two orders, letters in numbers, typing
    errors beside frequent values, formats, numbers far from all others or a power of ten away, several sources
    that report the same thing, columns that decide others, order rules between columns, and numbers that contradict the
    other numbers of their row.

    Parameters
    ----------
    frame : pandas, polars or Arrow table, dict of columns, list of records, or (n, d) array
        Every column is looked at, the label too. Cells that hold lists are left out.
    ids : (n,) names of the rows, default the index of a pandas frame, else the position.

    Returns
    -------
    CellErrors

    Raises
    ------
    InputError, DataError
        If it is no table, or has no rows.

    Source
    ------
    See `soft_dependencies`, `source_fusion`, `near_spellings`, `cell_shapes`, `unit_spellings`, `scale_shifts`.

    Examples
    --------
    >>> import dechaff
    >>> size = ["12 oz", "12 oz.", "16 oz", "16.0 ounces"] * 10
    >>> city, land = ["Rome", "Oslo", "Bern", "Bern"] * 10, ["Italy", "Norway", "Switzerland", "Switzerland"] * 10
    >>> city[8], land[1] = "Rmoe", "Italy"
    >>> found = dechaff.find_cell_errors({"city": city, "land": land, "size": size})
    >>> found.table([(8, "city"), (1, "land"), (3, "size")])["suggested"].to_list()
    ['Rome', 'Norway', '16']
    >>> found.repaired()["land"][1]
    'Norway'
    """
    if isinstance(frame, str) or not hasattr(frame, "__len__"):
        raise InputError("frame", "be a table", repr(frame), "Read the file first, or audit it with `dechaff.audit`.")
    read = read_memory(frame)
    cells = compared_cells(read)
    names = cell_names(RowNames.of(read.n_rows, frame, ids=ids), cells)
    return CellErrors(names=names, cells=cells, found=find_cells(as_columns(cells)), source=read.source)


def compared_cells(read: Read) -> tuple[Cells, ...]:
    """The columns of a table whose cells can be compared."""
    return tuple(one for one in _cells(read.cells, read.features) if one.stored not in ("nested", "image"))


def as_columns(cells: Sequence[Cells]) -> CellColumns:
    """The same, as strategies read them."""
    return {one.name: CellColumn.of(one.name, one.raw) for one in cells}


def cell_names(rows: RowNames, cells: Sequence[Cells]) -> PairNames:
    """The names of all cells, row by row."""
    return PairNames(rows, np.full(rows.n, len(cells)), "column", tuple(one.name for one in cells))


def _cells(cells: Sequence[Cells], features: npt.NDArray[np.float64] | None) -> Sequence[Cells]:
    """The columns; those of a wide array are named by their place."""
    if features is None:
        return cells
    return [cells_from_values(f"f{at}", column.tolist()) for at, column in enumerate(features.T)]


def _objects(values: Sequence[Any]) -> npt.NDArray[np.object_]:
    made = np.empty(len(values), dtype=object)
    made[:] = values
    return made
