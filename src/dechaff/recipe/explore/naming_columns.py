"""Which columns name the rows, and so say nothing about whether two rows are the same."""

from __future__ import annotations

from collections.abc import Sequence

from dechaff.core.table import Column
from dechaff.methods.features.identifiers import Identifier, identifying_numbers, identifying_texts


def naming_columns(columns: Sequence[Column]) -> dict[str, Identifier]:
    """The columns that name the rows. A data set of such columns only has none: it would be left with nothing."""
    found = {column.name: _identifier(column) for column in columns} if len(columns) > 1 else {}
    named = {name: how for name, how in found.items() if how is not None}
    return named if len(named) < len(columns) else {}


def _identifier(column: Column) -> Identifier | None:
    if column.kind == "numeric":
        return identifying_numbers(column.values)
    if column.kind in ("text", "categorical"):
        return identifying_texts(column.values, column.missing)
    return None
