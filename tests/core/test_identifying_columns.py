import numpy as np

from dechaff.core.identifying_columns import identifying_numbers, identifying_texts, naming_columns
from tests.recipe.made import column


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


CODES = column("code", [f"A-{i:03d}" for i in range(50)], "categorical")
SIZES = column("size", [float(i % 7) for i in range(50)])


def test_a_column_of_codes_names_the_rows_and_a_measurement_does_not():
    assert list(naming_columns([CODES, SIZES])) == ["code"]


def test_columns_that_are_all_there_is_are_compared():
    assert naming_columns([CODES]) == {}
    assert naming_columns([CODES, column("other", CODES.raw.tolist(), "categorical")]) == {}


def test_ids_with_repeats_random_numbers_and_moments_name_the_rows():
    rng = np.random.default_rng(0)
    ids = rng.permutation(np.arange(500.0) + 1000)
    repeated = np.where(rng.random(500) < 0.05, rng.choice(ids, 500), ids)
    kinds = [identifying_numbers(one) for one in (repeated, rng.integers(10**7, 10**8, 500).astype(float),
                                                  rng.integers(16 * 10**8, 17 * 10**8, 500).astype(float))]  # fmt: skip
    assert [one and one.kind for one in kinds] == ["whole numbers without repeats", "random numbers", "moments"]
    assert identifying_numbers(np.round(rng.lognormal(13, 1, 500))) is None
    assert identifying_numbers(10 * rng.integers(10**6, 10**7, 500).astype(float)) is None, "rounded to tens"
