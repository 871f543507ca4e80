import numpy as np

from dechaff.core.codes import factorize
from dechaff.methods.duplicates.chance_repeats import chance_repeats


def test_the_expected_number_is_that_of_independent_columns() -> None:
    # 300 rows of four columns of six values: 44,850 pairs / 6^4 = 34.6 coincidences.
    rng = np.random.default_rng(1)
    columns = [rng.integers(0, 6, 300) for _ in range(4)]
    repeats = chance_repeats(columns, 300)
    assert 25 < repeats.expected < 45
    assert 20 < repeats.observed < 50
    assert repeats.natural


def test_copies_in_a_table_of_measurements_are_not_natural() -> None:
    rng = np.random.default_rng(2)
    table = rng.normal(size=(200, 5))
    table[150:] = table[:50]
    repeats = chance_repeats([factorize(column) for column in table.T], 200)
    assert (repeats.observed, repeats.expected, repeats.natural) == (50, 0.0, False)


def test_a_file_that_holds_everything_twice_is_not_natural() -> None:
    rng = np.random.default_rng(3)
    half = [rng.integers(0, 20, 100) for _ in range(8)]
    assert not chance_repeats([np.concatenate([column, column]) for column in half], 200).natural


def test_columns_that_depend_on_each_other_do_not_hide_coincidences() -> None:
    rng = np.random.default_rng(4)
    side = rng.integers(0, 2, 250)
    columns = [np.where(rng.random(250) < 0.9, side, 1 - side) for _ in range(9)]
    assert chance_repeats(columns, 250).natural


def test_without_rows_or_with_one_column_nothing_is_expected() -> None:
    assert chance_repeats([np.empty(0, dtype=np.int64)] * 2, 0).observed == 0
    assert chance_repeats([], 3).expected == 0
    assert chance_repeats([np.array([0, 0, 1])], 3).expected == 0
    assert chance_repeats([np.zeros(4, dtype=np.int64)] * 3, 4).observed == 6
