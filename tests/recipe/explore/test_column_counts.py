from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest

from dechaff.core.table import Column
from dechaff.recipe.explore.column_counts import ColumnCount


@pytest.mark.parametrize(
    ("cells", "constant"),
    [(["a", "a"], True), (["a", "b"], False), (["", ""], True), (["a", ""], False), (["a"], False), ([], False)],
)
def test_a_column_is_constant_only_where_every_row_holds_the_same(cells: list[str], constant: bool) -> None:
    array, count = np.array(cells, dtype=object), ColumnCount()
    for part in np.array_split(array, 2):
        some = ColumnCount()
        some.add(Column("x", "text", part, part == "", part))
        count.merge(some)
    assert count.is_constant(len(cells)) is constant


def test_a_number_is_the_same_however_it_is_spelled() -> None:
    raw, count = np.array(["1", "1.0"], dtype=object), ColumnCount()
    count.add(Column("x", "numeric", np.ones(2), np.zeros(2, dtype=bool), raw))
    assert count.is_constant(2)
    assert count.distinct == 2


@pytest.mark.parametrize(
    ("kind", "raw", "values", "value", "stands"),
    [
        ("numeric", ["-999.0", "-999", "-99"], [-999, -999, -99], "-999", 2),
        ("numeric", ["123456.4", "7", "123457"], [123456.4, 7, 123457], "123456", 1),
        ("numeric", ["1", "?", ""], [1, np.nan, np.nan], "?", 1),
        ("datetime", ["1900-01-01 00:00:00", "2001-01-01", ""], [-2208988800, 978307200, np.nan], "1900-01-01", 1),
        ("datetime", ["0000-00-00", "2001-01-01", ""], [np.nan, 978307200, np.nan], "0000-00-00", 1),
        ("categorical", ["none", "None", ""], ["none", "None", ""], "none", 1),
    ],
)
def test_what_stands_for_nothing_is_counted_however_it_is_spelled(
    kind: Any, raw: list[str], values: list[Any], value: str, stands: int
) -> None:
    spelled, read = np.array(raw, dtype=object), np.array(values, dtype=object if kind == "categorical" else float)
    count = ColumnCount(placeholders={value: 0})
    count.add(Column("x", kind, read, np.zeros(3, dtype=bool), spelled))
    assert count.placeholders == {value: stands}
    assert count.distinct == 3  # cells, however they are read
    kept = msgspec.msgpack.encode(msgspec.to_builtins(count))
    assert msgspec.convert(msgspec.msgpack.decode(kept), ColumnCount) == count
