"""Dates in two orders."""

from __future__ import annotations

import numpy as np

from dechaff.methods.cells.cell_columns import CellColumn
from dechaff.methods.cells.date_orders import date_orders


def suggested(cells: list[str]) -> dict[str, str | None]:
    columns = {"x": CellColumn.of("x", np.array(cells, dtype=object))}
    return {
        cells[row]: doubt.suggested
        for rule in date_orders(columns)
        for found in rule.doubts(columns, own=True)
        for row, doubt in zip(found.rows.tolist(), found.doubts, strict=True)
    }


def test_other_orders_and_signs_are_written_like_most() -> None:
    iso = [f"2024-{month:02}-{day:02}" for month in range(1, 5) for day in range(10, 28)]
    assert suggested([*iso, "25/12/2024", "2024/12/25"]) == {"25/12/2024": "2024-12-25", "2024/12/25": "2024-12-25"}


def test_what_can_be_read_in_two_ways_is_not_guessed() -> None:
    iso = [f"2024-{month:02}-{day:02}" for month in range(1, 5) for day in range(10, 28)]
    assert suggested([*iso, "03/04/2024"]) == {"03/04/2024": None}
