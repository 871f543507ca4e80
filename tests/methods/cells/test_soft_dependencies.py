"""Columns that decide others."""

from __future__ import annotations

import numpy as np

from dechaff.methods.cells.cell_columns import CellColumn, CellColumns
from dechaff.methods.cells.soft_dependencies import soft_dependencies

TOWNS = {"Rome": "Italy", "Oslo": "Norway", "Bern": "Switzerland", "Milan": "Italy", "Basel": "Switzerland"}


def places(n: int = 200, seed: int = 0) -> dict[str, np.ndarray]:  # type: ignore[type-arg]
    rng = np.random.default_rng(seed)
    town = rng.choice(list(TOWNS), n).astype(object)
    land = np.array([TOWNS[one] for one in town], dtype=object)
    return {"town": town, "land": land, "code": np.array([str(len(one)) + one[0] for one in town], dtype=object)}


def columns(cells: dict[str, np.ndarray]) -> CellColumns:  # type: ignore[type-arg]
    return {name: CellColumn.of(name, one) for name, one in cells.items()}


def doubted(cells: dict[str, np.ndarray]) -> dict[tuple[int, str], str | None]:  # type: ignore[type-arg]
    given = columns(cells)
    return {
        (row, found.column): doubt.suggested
        for rule in soft_dependencies(given)
        for found in rule.doubts(given, own=True)
        for row, doubt in zip(found.rows.tolist(), found.doubts, strict=True)
    }


def test_a_wrong_cell_is_outvoted_by_its_groups() -> None:
    cells = places()
    cells["land"][7] = "Itly"
    assert doubted(cells) == {(7, "land"): TOWNS[cells["town"][7]]}


def test_nothing_is_doubted_where_all_rows_agree() -> None:
    assert doubted(places()) == {}


def test_columns_that_go_together_without_deciding_each_other_are_left_alone() -> None:
    rng = np.random.default_rng(1)
    one = rng.choice(["y", "n"], 400).astype(object)
    other = np.where(rng.random(400) < 0.95, one, np.where(one == "y", "n", "y")).astype(object)
    assert doubted({"a": one, "b": other}) == {}


def test_exceptions_of_two_values_are_errors_if_they_are_spread_evenly() -> None:
    rng = np.random.default_rng(3)
    land = rng.choice(["DE", "FR", "NL", "PL"], 2000).astype(object)
    money = np.where(land == "PL", "PLN", "EUR").astype(object)
    wrong = rng.choice(2000, 30, replace=False)
    money[wrong] = np.where(money[wrong] == "PLN", "EUR", "PLN")
    assert {row for row, column in doubted({"land": land, "money": money})} == set(wrong.tolist())
    money = np.where(land == "PL", "PLN", "EUR").astype(object)
    money[np.flatnonzero(land == "PL")[:30]] = "EUR"  # shops at the border
    assert doubted({"land": land, "money": money}) == {}


def test_exceptions_that_another_column_explains_are_right() -> None:
    cells = places(300)
    cells["market"] = np.array(["home"] * 280 + ["export"] * 20, dtype=object)
    cells["land"][280:] = "World"
    assert not [cell for cell in doubted(cells) if cell[1] == "land"]


def test_a_rule_is_said_of_rows_that_it_was_not_learned_from() -> None:
    rules = [rule for rule in soft_dependencies(columns(places())) if rule.column == "land"]
    new = {"town": np.array(["Rome", "Paris"], dtype=object), "land": np.array(["Norway", "France"], dtype=object)}
    (found,) = rules[0].doubts(columns(new), own=False)
    assert found.rows.tolist() == [0]
    assert found.doubts[0].suggested == "Italy"


def test_constant_empty_and_single_rows_decide_nothing() -> None:
    for n in (1, 30):
        cells = {"a": np.full(n, "x", dtype=object), "b": np.full(n, "", dtype=object)}
        assert doubted(cells) == {}
