"""Numbers far from all others."""

from __future__ import annotations

import numpy as np
import pytest

from dechaff.methods.cells.cell_columns import CellColumn
from dechaff.methods.cells.scale_shifts import scale_shifts


def suggested(cells: list[str]) -> dict[str, str | None]:
    columns = {"x": CellColumn.of("x", np.array(cells, dtype=object))}
    return {
        cells[row]: doubt.suggested
        for rule in scale_shifts(columns)
        for found in rule.doubts(columns, own=True)
        for row, doubt in zip(found.rows.tolist(), found.doubts, strict=True)
    }


def test_powers_of_ten_and_units_are_taken_back() -> None:
    cells = [str(height) for height in range(150, 200)]
    assert suggested([*cells, "1.75"]) == {"1.75": "175"}
    assert suggested([*cells, "17500"]) == {"17500": "175"}


@pytest.mark.parametrize("seed", range(5))
def test_heavy_tails_are_no_errors(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for values in (rng.lognormal(10, 1, 1000), rng.normal(0, 1, 1000), rng.exponential(1, 1000), rng.gamma(2, 2, 1000)):
        assert suggested([f"{value:.6g}" for value in values]) == {}


def test_few_and_constant_numbers_are_left_alone() -> None:
    assert suggested(["1", "2", "1000000"]) == {}
    assert suggested(["5"] * 100 + ["7"]) == {}


def test_rows_that_are_far_in_two_columns_at_once_are_another_kind_of_rows() -> None:
    rng = np.random.default_rng(0)
    both = rng.normal(100, 5, (300, 2)).round()
    both[:4] = [[811, 533], [793, 561], [807, 547], [789, 541]]
    other = np.concatenate([[779], rng.normal(100, 5, 299).round()])
    cells = {"a": both[:, 0], "b": both[:, 1], "c": other}
    columns = {name: CellColumn.of(name, values.astype(str).astype(object)) for name, values in cells.items()}
    assert [rule.column for rule in scale_shifts(columns)] == ["c"]
