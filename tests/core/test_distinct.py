"""Distinct texts of a column: the same however they are found, and after rows were taken."""

import numpy as np
import pytest

from dechaff.core.distinct import Distinct
from dechaff.core.table import Column


def cells(*texts: str) -> np.ndarray:
    array = np.empty(len(texts), dtype=object)
    array[:] = texts
    return array


@pytest.mark.parametrize(
    "texts",
    [
        ("b", "a", "b", "", "a"),
        tuple(str(number / 7) for number in range(50)),
        ("a\0", "a", "\0", ""),
        ("a" * 100, "b", "é", "z\U0001f600"),
        (),
    ],
)
def test_values_are_sorted_and_give_the_cells_back(texts: tuple[str, ...]) -> None:
    found = Distinct.of(cells(*texts))
    assert found.values.tolist() == sorted(set(texts))
    assert found.values[found.codes].tolist() == list(texts)
    assert found.counts.tolist() == [texts.count(value) for value in sorted(set(texts))]


def test_figures_are_plain_finite_numbers() -> None:
    texts = ("1", " 2.50 ", "1_0", "nan", "-inf", "1e999", "0x1", "", "-.5e1")
    found = Distinct.of(cells(*texts))
    by_text = dict(zip(found.values.tolist(), found.figures.tolist(), strict=True))
    assert (by_text["1"], by_text[" 2.50 "], by_text["-.5e1"]) == (1.0, 2.5, -5.0)
    assert sorted(value for value, number in by_text.items() if number != number) == sorted(
        ("1_0", "nan", "-inf", "1e999", "0x1", "")
    )


def test_a_column_that_knows_its_cells_gives_the_same_after_rows_were_taken() -> None:
    raw = cells("x", "y", "x", "z", "")
    column = Column("c", "categorical", raw, raw == "", raw)
    rows = np.array([4, 2, 0])
    known, plain = column.with_spellings().take(rows), column.take(rows)
    assert known.distinct.values.tolist() == plain.distinct.values.tolist() == ["", "x"]
    assert known.distinct.codes.tolist() == plain.distinct.codes.tolist() == [0, 1, 1]
    assert known.values is known.raw


def test_numbers_are_coded_in_their_order_unless_two_texts_are_one_number() -> None:
    raw = cells("10", "-2.5", "0", "-0", "10")
    found = Distinct.of_numbers(raw, np.array([float(text) for text in raw]))
    assert found is not None
    assert found.values.tolist() == ["-2.5", "-0", "0", "10"]
    assert found.codes.tolist() == [3, 0, 2, 1, 3]
    column = Column("x", "numeric", np.array([1.0, 1.0]), np.zeros(2, dtype=bool), cells("1.0", "1"))
    assert column.distinct.values.tolist() == ["1", "1.0"]
