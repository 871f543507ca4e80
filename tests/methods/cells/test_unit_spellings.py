"""Units of numbers."""

from __future__ import annotations

import numpy as np

from dechaff.methods.cells.cell_columns import CellColumn
from dechaff.methods.cells.unit_spellings import unit_spellings


def suggested(cells: list[str]) -> dict[str, str | None]:
    columns = {"x": CellColumn.of("x", np.array(cells, dtype=object))}
    return {
        cells[row]: doubt.suggested
        for rule in unit_spellings(columns)
        for found in rule.doubts(columns, own=True)
        for row, doubt in zip(found.rows.tolist(), found.doubts, strict=True)
    }


def test_a_rare_unit_is_turned_into_the_usual_one() -> None:
    cells = [*(f"{n} kg" for n in range(50, 90)), "65000 g", "72 kilos"]
    assert suggested(cells) == {"65000 g": "65 kg", "72 kilos": "72 kg"}


def test_percent_beside_fractions_is_scaled_only_if_it_is_another_scale() -> None:
    fractions = [f"{n / 1000:.3f}" for n in range(40, 90)]
    assert suggested([*fractions, "6.5%", "5%"]) == {"6.5%": "0.065", "5%": "0.05"}
    assert suggested([*fractions, "0.065%"]) == {"0.065%": "0.065"}


def test_columns_of_one_spelling_and_of_other_words_are_left_alone() -> None:
    assert suggested([f"{n} kg" for n in range(30)]) == {}
    assert suggested([f"{n} {word}" for n in range(30) for word in ("main st", "oak av", "high rd")]) == {}
