"""Rules of placeholders."""

from __future__ import annotations

import numpy as np

from dechaff.methods.cells.cell_columns import CellColumn
from dechaff.methods.cells.missing_values import missing_values


def found(cells: list[str]) -> list[str]:
    columns = {"x": CellColumn.of("x", np.array(cells, dtype=object))}
    return sorted(value for rule in missing_values(columns) for value in rule.reasons)


def test_codes_among_words_and_numbers_are_placeholders() -> None:
    assert found([*["red", "green", "blue"] * 40, "-999", "?"]) == ["-999", "?"]
    assert found([*(str(n) for n in range(100, 200)), "-999", "-999", "n/a"]) == ["-999", "n/a"]


def test_a_frequent_word_may_be_a_value() -> None:
    assert found(["none", "beer", "wine"] * 40) == []
