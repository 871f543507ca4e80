"""Which cells make a row odd."""

from __future__ import annotations

import numpy as np

from dechaff.core.table import Column, Table
from dechaff.methods.outliers.odd_cells import Compared
from dechaff.methods.outliers.scaled_columns import ScaledColumns

RANDOM = np.random.default_rng(0)
SEX = np.array(["f", "m"], dtype=object)[np.arange(400) % 2]
HEIGHT = RANDOM.normal(165, 5, 400) + 20.0 * (SEX == "m")
WEIGHT = RANDOM.normal(70, 9, 400)


def people(sex: np.ndarray, *numbers: np.ndarray) -> Table:
    numeric = Table.of_numbers(np.column_stack(numbers)).columns
    return Table((Column("sex", "categorical", sex, sex == "", sex), *numeric), len(sex))


PEOPLE = people(SEX, HEIGHT, WEIGHT)
KNOWN = Compared(ScaledColumns.of(PEOPLE), PEOPLE)


def cells(sex: str, height: float, weight: float):
    return KNOWN.odd_cells(people(np.array([sex], dtype=object), np.array([height]), np.array([weight])))[0]


def test_a_number_outside_the_usual_range_is_named_alone() -> None:
    (cell,) = cells("f", 1780.0, 70.0)
    assert (cell.column, cell.among) == ("f0", "")
    assert cell.low < 165 < cell.high


def test_a_number_that_is_odd_only_with_a_category_names_the_category() -> None:
    cell = next(cell for cell in cells("f", 190.0, 70.0) if cell.column == "f0")
    assert (cell.among, cell.rows) == ("sex", 200)
    assert cell.high < 190


def test_a_rare_category_is_named_with_its_fraction() -> None:
    cell = cells("zz", 165.0, 70.0)[0]
    assert (cell.column, cell.share) == ("sex", 0)


def test_a_missing_value_is_named() -> None:
    assert cells("f", np.nan, 70.0)[0].column == "f0"


def test_two_cells_are_named_if_both_matter() -> None:
    assert {cell.column for cell in cells("f", 400.0, 200.0)} == {"f0", "f1"}


def test_without_columns_nothing_is_named() -> None:
    empty = Table((), 3)
    assert Compared(ScaledColumns.of(empty), empty).odd_cells(empty) == [(), (), ()]
