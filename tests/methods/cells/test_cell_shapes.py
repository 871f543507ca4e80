"""Forms of cells."""

from __future__ import annotations

import numpy as np

from dechaff.methods.cells.cell_columns import CellColumn
from dechaff.methods.cells.cell_shapes import cell_shapes


def doubted(cells: list[str]) -> list[str]:
    columns = {"x": CellColumn.of("x", np.array(cells, dtype=object))}
    return [cells[row] for rule in cell_shapes(columns) for found in rule.doubts(columns, own=True)
            for row in found.rows.tolist()]  # fmt: skip


def test_codes_have_one_form() -> None:
    assert doubted([*(f"A{n}" for n in range(10, 99)), "a12", "A1", "A123"]) == ["a12", "A1", "A123"]


def test_names_have_any_form() -> None:
    assert doubted([*["Anna", "Bo", "Carl-Otto", "De la Cruz", "O'Brien"] * 10, "St. John"]) == []


def test_a_letter_in_a_word_of_digits_is_an_error() -> None:
    assert doubted([*(f"{n} units of stock" for n in range(40)), "1x units of stock"]) == ["1x units of stock"]
