"""Two values in one cell."""

from __future__ import annotations

import numpy as np

from dechaff.methods.cells.cell_columns import CellColumn
from dechaff.methods.cells.merged_cells import merged_cells


def test_endings_that_are_no_values_of_another_column_with_gaps_belong_to_the_name() -> None:
    town = np.array(["Bad Ems", "Bad Orb", "New York"] * 10, dtype=object)
    full = {"town": CellColumn.of("town", town), "state": CellColumn.of("state", np.array(["NY"] * 30, dtype=object))}
    assert merged_cells(full) == ()
