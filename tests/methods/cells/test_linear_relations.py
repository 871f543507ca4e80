"""Numbers that contradict the other numbers of their row."""

from __future__ import annotations

import numpy as np

from dechaff.methods.cells.cell_columns import CellColumn, CellColumns
from dechaff.methods.cells.linear_relations import linear_relations


def persons(n: int = 300, seed: int = 0) -> dict[str, np.ndarray]:  # type: ignore[type-arg]
    rng = np.random.default_rng(seed)
    height = rng.normal(170, 8, n).round()
    return {
        "height": height,
        "foot": (0.15 * height + rng.normal(0, 0.3, n)).round(1),
        "arm": (0.43 * height + rng.normal(0, 0.8, n)).round(1),
        "age": rng.integers(18, 90, n),
    }


def columns_of(table: dict[str, np.ndarray]) -> CellColumns:  # type: ignore[type-arg]
    return {name: CellColumn.of(name, one.astype(str).astype(object)) for name, one in table.items()}


def found(columns: CellColumns) -> list[tuple[str, int]]:
    rules = linear_relations(columns)
    doubts = (one for rule in rules for one in rule.doubts(columns, own=True))
    return [(one.column, row) for one in doubts for row in one.rows.tolist()]


def test_a_usual_value_of_another_row_is_found_and_named_as_the_wrong_one_of_its_row() -> None:
    table = persons()
    table["foot"][7], table["arm"][9] = 0.15 * 230, 95.0
    assert found(columns_of(table)) == [("foot", 7), ("arm", 9)]


def test_rows_without_contradiction_and_unrelated_columns_have_no_rule() -> None:
    assert linear_relations(columns_of(persons())) == ()
    rng = np.random.default_rng(0)
    assert linear_relations(columns_of({"a": rng.normal(size=300), "b": rng.normal(size=300)})) == ()


def test_copies_constant_columns_and_small_tables_are_left_alone() -> None:
    table = persons()
    copies = columns_of({"one": table["height"], "two": table["height"], "same": np.ones(300)})
    assert linear_relations(copies) == ()
    assert linear_relations(columns_of({name: one[:50] for name, one in table.items()})) == ()


def test_the_rule_says_the_same_of_new_rows_and_leaves_out_rows_with_missing_numbers() -> None:
    table = persons()
    table["foot"][7] = 0.15 * 230
    (rule,) = linear_relations(columns_of(table))
    new = persons(40, seed=1)
    new["foot"][3] = 0.15 * 240
    columns = dict(columns_of(new))
    arms = new["arm"].astype(str).astype(object)
    arms[5] = ""
    columns["arm"] = CellColumn.of("arm", arms)
    doubts = {one.column: one.rows.tolist() for one in rule.doubts(columns, own=False)}
    assert {name: rows for name, rows in doubts.items() if rows} == {"foot": [3]}
    assert list(rule.doubts({"foot": columns["foot"]}, own=False)) == []
    assert "foot follows from " in rule.words()
