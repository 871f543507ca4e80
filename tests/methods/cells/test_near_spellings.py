"""Typing errors beside frequent values."""

from __future__ import annotations

import numpy as np
import pytest

from dechaff.methods.cells.cell_columns import CellColumn
from dechaff.methods.cells.near_spellings import distance, near_spellings


def suggested(cells: list[str]) -> dict[str, str | None]:
    columns = {"x": CellColumn.of("x", np.array(cells, dtype=object))}
    return {
        cells[row]: doubt.suggested
        for rule in near_spellings(columns)
        for found in rule.doubts(columns, own=True)
        for row, doubt in zip(found.rows.tolist(), found.doubts, strict=True)
    }


@pytest.mark.parametrize("wrong", ["Lomdon", "Londn", "Lonndon", "Lodnon", "LONDON", "London "])
def test_a_slip_is_repaired(wrong: str) -> None:
    assert suggested([*["London", "Paris", "Rome"] * 20, wrong]) == {wrong: "London"}


def test_numbers_within_a_value_are_kept() -> None:
    assert suggested([*(f"{n} patients" for n in range(60)), "21 pxtients"]) == {"21 pxtients": "21 patients"}
    assert suggested([*(f"{n} patients" for n in range(60)), "2x patients"]) == {"2x patients": None}


def test_words_of_other_values_are_no_errors() -> None:
    cells = [*["nitrite test", "nitrate kit", "other"] * 20, "nitrate test"]
    assert suggested(cells) == {}


def test_columns_of_names_that_are_all_alike_are_left_alone() -> None:
    cells = [f"name{letter}" for letter in "abcdefghij"] * 10 + ["namek"]
    assert suggested(cells) == {}


def test_distance_is_that_of_a_plain_table() -> None:
    rng = np.random.default_rng(0)
    for _ in range(200):
        one, other = ("".join(rng.choice(list("abc"), rng.integers(0, 7))) for _ in range(2))
        assert distance(one, other, 9) == _plain_distance(one, other)


def _plain_distance(one: str, other: str) -> int:
    table = {(i, 0): i for i in range(len(one) + 1)} | {(0, j): j for j in range(len(other) + 1)}
    for i in range(1, len(one) + 1):
        for j in range(1, len(other) + 1):
            steps = [table[i - 1, j] + 1, table[i, j - 1] + 1, table[i - 1, j - 1] + (one[i - 1] != other[j - 1])]
            if i > 1 and j > 1 and one[i - 1] == other[j - 2] and one[i - 2] == other[j - 1]:
                steps.append(table[i - 2, j - 2] + 1)
            table[i, j] = min(steps)
    return table[len(one), len(other)]
