"""Columns in units of their usual range."""

from __future__ import annotations

import numpy as np

from dechaff.core.table import Column, Table
from dechaff.methods.outliers.scaled_columns import ScaledColumns


def category(name: str, values: list[str]) -> Column:
    cells = np.array(values, dtype=object)
    return Column(name, "categorical", cells, cells == "", cells)


def test_numbers_are_counted_in_usual_ranges_from_the_median() -> None:
    numbers = np.arange(101.0)[:, None]
    scaled = ScaledColumns.of(Table.of_numbers(numbers)).chunk(Table.of_numbers(np.array([[50.0], [140.0], [np.inf]])))
    np.testing.assert_allclose(scaled["numbers"][:2, 0], [0, 1])
    assert np.isfinite(scaled["numbers"]).all()


def test_one_outlier_of_any_size_leaves_the_scale_as_it_is() -> None:
    numbers = np.random.default_rng(0).normal(size=(200, 1))
    spoilt = numbers.copy()
    spoilt[3] = 1e300
    one, other = (ScaledColumns.of(Table.of_numbers(some)).numbers["f0"][1] for some in (numbers, spoilt))
    assert abs(one / other - 1) < 0.1


def test_a_column_that_is_nearly_constant_has_the_usual_step_as_its_range() -> None:
    numbers = np.zeros((200, 1))
    numbers[:4, 0] = [1, 2, 2, 3]
    assert 2 < ScaledColumns.of(Table.of_numbers(numbers)).numbers["f0"][1] <= 3


def test_columns_without_values_and_names_of_rows_are_not_compared() -> None:
    names = category("name", [f"n{row}" for row in range(30)])
    kind = category("kind", ["a", "b", ""] * 10)
    empty = Table.of_numbers(np.full((30, 1), np.nan)).columns
    assert ScaledColumns.of(Table((names, kind, *empty), 30)).names == ("kind",)


def test_a_level_that_the_sample_lacks_equals_none_and_missing_equals_missing() -> None:
    scaled = ScaledColumns.of(Table((category("kind", ["a", "b", ""] * 10),), 30))
    codes = scaled.chunk(Table((category("kind", ["a", "new", ""]),), 3))["codes"][:, 0]
    assert np.isnan(codes[1])
    assert codes[0] != codes[2]


def test_a_gap_where_the_sample_has_none_is_told_from_a_value() -> None:
    scaled = ScaledColumns.of(Table.of_numbers(np.arange(20.0)[:, None]))
    chunk = scaled.chunk(Table.of_numbers(np.array([[np.nan], [3.0]])))
    assert chunk["codes"].shape == (2, 1)
    assert chunk["codes"][0] != chunk["codes"][1]
