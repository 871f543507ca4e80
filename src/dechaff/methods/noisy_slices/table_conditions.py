"""Every condition worth trying on the columns of a table."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dechaff.core.table import Column, Table
from dechaff.methods.noisy_slices.column_conditions import (
    category_conditions,
    missing_condition,
    range_conditions,
    tells_provenance,
)
from dechaff.methods.noisy_slices.condition import Conditions, join
from dechaff.methods.noisy_slices.text_conditions import text_conditions


def table_conditions(table: Table, *, smallest: int, largest: int) -> Conditions:
    """Conditions that hold on ``smallest`` to ``largest`` rows: text, missingness, categories, ranges, dates."""
    parts = [part for column in table.columns for part in _of_column(column, smallest, largest)]
    return join(parts, len(table))


def _of_column(column: Column, smallest: int, largest: int) -> list[Conditions]:
    name = column.name
    missing = missing_condition(column.missing, name, smallest=smallest, largest=largest)
    match column.kind:
        case "text":
            found = text_conditions(column.values, name, smallest=smallest, largest=largest)
        case "categorical":
            found = category_conditions(column.values, name, smallest=smallest, largest=largest)
        case "numeric" | "datetime":
            dates = column.kind == "datetime"
            found = range_conditions(column.values, name, smallest=smallest, largest=largest, dates=dates)
        case _:
            return [missing]
    return [missing, found]


def blind_table(table: Table, *, seed: int) -> Table | None:
    """The table without what should not matter to a label, or None where it holds nothing of the kind.

    Columns of provenance and dates are left out; missing numbers and categories are filled by values drawn from
    their column. A flexible model learns a swap of labels along such a property by heart and so hides it; a
    model that is blind to the property cannot.
    """
    rng = np.random.default_rng(seed)
    seen = [c for c in table.columns if c.kind != "datetime" and not tells_provenance(c.name)]
    blind = Table(tuple(_filled(column, rng) for column in seen), table.n_rows)
    changed = len(seen) < len(table.columns) or any(
        new is not old for new, old in zip(blind.columns, seen, strict=True)
    )
    return blind if seen and changed else None


def _filled(column: Column, rng: np.random.Generator) -> Column:
    if column.kind not in ("numeric", "categorical") or not column.missing.any() or column.missing.all():
        return column
    values = column.values.copy()
    known = values[~column.missing]
    values[column.missing] = rng.choice(known, size=int(column.missing.sum()))
    return replace(column, values=values, missing=np.zeros_like(column.missing))
