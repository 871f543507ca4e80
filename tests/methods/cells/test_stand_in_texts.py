import numpy as np
import pytest

from dechaff.methods.cells import stand_in_texts


def words(*cells: str) -> list[str]:
    return [found.value for found in stand_in_texts(np.array(cells, dtype=object))]


@pytest.mark.parametrize("cell", ["?", "N/A", "-", " null ", "NaN", "unknown", "Missing", "none", "#N/A"])
def test_spellings_of_nothing_are_found(cell: str) -> None:
    assert words("red", "blue", cell, "green") == [cell]


def test_a_sign_among_signs_is_a_value() -> None:
    assert words("+", "-", "+", "-") == []


def test_none_is_a_value_where_it_is_one_of_two() -> None:
    assert words("none", "some", "none", "some") == []


def test_test_is_junk_only_where_it_is_rare() -> None:
    assert words(*["train"] * 50, *["test"] * 50, "dev") == []
    assert words(*["fine words"] * 150, "other", "test") == ["test"]


def test_empty_cells_are_no_stand_ins() -> None:
    assert words("", "", "a", "b", "c") == []
    assert words() == []
