"""Words among numbers."""

from __future__ import annotations

import numpy as np

from dechaff.methods.cells.cell_columns import CellColumn
from dechaff.methods.cells.non_numbers import non_numbers


def test_numbers_are_read_where_they_can_be() -> None:
    cells = [*(str(n) for n in range(100)), "1O5", "3,5", "1,000", "'7'", "many"]
    columns = {"x": CellColumn.of("x", np.array(cells, dtype=object))}
    (rule,) = non_numbers(columns)
    (found,) = rule.doubts(columns, own=True)
    assert [one.suggested for one in found.doubts] == ["105", "3.5", "1000", "7", None]
