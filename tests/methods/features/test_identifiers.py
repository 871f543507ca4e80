import numpy as np
import pytest

from dechaff.methods.features.identifiers import constant_value, identifying_numbers, identifying_texts


def kind(values: np.ndarray) -> str:
    found = identifying_numbers(values.astype(float))
    return "" if found is None else found.kind


def texts_kind(values: list[str]) -> str:
    cells = np.array(values, dtype=object)
    found = identifying_texts(cells, cells == "")
    return "" if found is None else found.kind


def test_row_numbers_count() -> None:
    rng = np.random.default_rng(0)
    assert kind(np.arange(30)) == "counting"
    assert kind(np.sort(rng.permutation(3000)[:500])) == "counting"


def test_shuffled_ids_are_told_by_never_repeating() -> None:
    rng = np.random.default_rng(0)
    assert kind(rng.permutation(1000)) == "whole numbers without repeats"
    assert kind(rng.permutation(10**6)[:9000]) == "whole numbers without repeats"


def test_measurements_are_no_identifiers() -> None:
    rng = np.random.default_rng(0)
    assert kind(rng.normal(size=500)) == ""
    assert kind(np.sort(rng.normal(size=500))) == ""
    assert kind(np.round(rng.lognormal(11, 1, 60))) == ""  # salaries of few people: all different by chance
    assert kind(np.sort(np.round(rng.lognormal(11, 1, 60)))) == ""
    assert kind(rng.integers(0, 500, 1000)) == ""


def test_too_few_rows_tell_nothing() -> None:
    assert kind(np.arange(19)) == ""
    assert kind(np.empty(0)) == ""
    assert kind(np.full(40, np.nan)) == ""


def test_codes_are_identifiers_and_names_of_things_are_not() -> None:
    assert texts_kind([f"rec-{i}-org" for i in range(50)]) == "codes"
    assert texts_kind([chr(97 + i // 26) + chr(97 + i % 26) + "xyz" for i in range(50)]) == "codes"
    assert texts_kind([f"Film number {i}" for i in range(50)]) == ""
    assert texts_kind(["red", "blue"] * 30) == ""
    assert texts_kind([""] * 30) == ""


@pytest.mark.parametrize(
    ("cells", "value"),
    [(["a", "a"], "a"), (["a", "b"], None), (["", ""], ""), (["a", ""], None), (["a"], None), ([], None)],
)
def test_a_column_is_constant_only_where_every_row_holds_the_same(cells: list[str], value: str | None) -> None:
    array = np.array(cells, dtype=object)
    assert constant_value(array, array == "") == value
