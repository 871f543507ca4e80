"""Order rules between columns."""

from __future__ import annotations

import numpy as np

from dechaff.methods.cells.cell_columns import CellColumn
from dechaff.methods.cells.order_rules import order_rules


def test_dates_are_ordered_too() -> None:
    days = np.arange(200) * 7 % 150
    start = np.datetime64("2024-01-01") + days
    end = start + 1 + np.arange(200) % 9
    end[17] = start[17] - 40
    columns = {
        name: CellColumn.of(name, one.astype(str).astype(object)) for name, one in (("from", start), ("to", end))
    }
    (rule,) = order_rules(columns)
    assert rule.words() == "from is at most to."
    assert [row for found in rule.doubts(columns, own=True) for row in found.rows.tolist()] == [17]


def test_independent_columns_have_no_order() -> None:
    rng = np.random.default_rng(0)
    columns = {name: CellColumn.of(name, rng.normal(mean, 1, 300).astype(str).astype(object))
               for name, mean in (("a", 0), ("b", 2), ("c", 9))}  # fmt: skip
    assert order_rules(columns) == ()
