"""Columns as distinct values."""

from __future__ import annotations

import numpy as np

from dechaff.methods.cells.cell_columns import CellColumn, CellDoubts, Doubt


def test_a_column_of_nothing_is_no_column_of_numbers() -> None:
    column = CellColumn.of("x", np.array(["", ""], dtype=object))
    assert not column.is_numeric
    assert column.n_present == 0


def test_numbers_beyond_all_range_are_none() -> None:
    column = CellColumn.of("x", np.array(["1e999", "12345678901234567890123", "-.5", "inf", "nan"], dtype=object))
    assert np.isfinite(column.numbers).tolist() == [False, True, True, False, False]


def test_doubts_of_values_come_in_the_order_of_the_rows() -> None:
    column = CellColumn.of("x", np.array(["b", "a", "b", "c"], dtype=object))
    found = CellDoubts.of_values(column, {"b": Doubt("a", 0.9, "b"), "c": Doubt(None, 0.5, "c")})
    assert found.rows.tolist() == [0, 2, 3]
    assert [one.why for one in found.doubts] == ["b", "b", "c"]
