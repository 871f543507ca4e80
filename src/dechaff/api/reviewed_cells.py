"""Reviews of cells as input: the right values of single cells, or of all cells of some rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dechaff.api.labels.names import PairNames
from dechaff.core.words import listed
from dechaff.data.classes import column_values
from dechaff.data.columns.names import closest
from dechaff.errors import InputError
from dechaff.methods.cells.cell_columns import CellColumns
from dechaff.recipe.explore.cell_errors import Cell


def reviewed_cells(reviews: Any, names: PairNames, columns: CellColumns) -> dict[Cell, str]:
    """Row and column -> the right text of the cell; the given text where the right value is equal to it.

    Raises
    ------
    InputError
        If `reviews` has another form, or names a row or column that the table lacks.
    """
    if not isinstance(reviews, Mapping):
        found, fix = type(reviews).__name__, "For example: {(7, 'town'): 'Rome'}, or frame.loc[rows].to_dict('index')."
        raise InputError("reviews", "be a dict {(row, column): value} or {row: {column: value}}", found, fix)
    said = list(_single(reviews, columns))
    rows = names.rows.find(column_values([row for row, _, _ in said])).tolist() if said else []
    return {
        (row, column): text_of(value, columns[column].cell(row))
        for row, (_, column, value) in zip(rows, said, strict=True)
    }


def _single(reviews: Mapping[Any, Any], columns: CellColumns) -> Iterator[tuple[Any, str, Any]]:
    for name, value in reviews.items():
        if isinstance(value, Mapping):
            for column, one in value.items():
                yield name, _known(column, columns), one
        elif isinstance(name, tuple) and len(name) == 2:
            yield name[0], _known(name[1], columns), value
        else:
            fix = "Name the column too: {(row, column): value}."
            raise InputError("reviews", "name a cell by its row and its column", repr(name), fix)


def _known(column: Any, columns: CellColumns) -> str:
    if column not in columns:
        near = closest(str(column), list(columns)) or list(columns)[:6]
        raise InputError("the reviewed column", "be one of the table", repr(column), f"Write {listed(near)}.")
    return str(column)


def text_of(value: Any, given: str) -> str:
    """A right value as the text of a cell; the given one if both are the same number.

    Examples
    --------
    >>> text_of(170, "170.0"), text_of(None, "N/A"), text_of("Rome", "Rmoe")
    ('170.0', '', 'Rome')
    """
    text = "" if value is None or value != value else str(value)
    try:
        return given if float(text) == float(given) else text
    except ValueError:
        return text
