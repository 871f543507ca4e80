import numpy as np

from dechaff.methods.duplicates import near_rows


def test_a_rounded_copy_is_found() -> None:
    rng = np.random.default_rng(0)
    table = rng.normal(size=(300, 8))
    table[250] = table[10]
    table[250, [1, 6]] = np.round(table[10, [1, 6]], 4)
    pairs, similarity = near_rows(table, np.zeros(300, dtype=np.int64))
    assert pairs.tolist() == [[10, 250]]
    assert 0.5 < similarity[0] <= 1


def test_rows_that_differ_in_another_kind_of_column_are_not_near() -> None:
    rng = np.random.default_rng(0)
    table = rng.normal(size=(50, 8))
    table[1] = table[0]
    table[1, 0] += 1e-6
    assert len(near_rows(table, np.arange(50))[0]) == 0


def test_a_table_in_which_near_misses_are_the_rule_has_no_near_rows() -> None:
    rng = np.random.default_rng(1)
    table = rng.integers(0, 3, size=(400, 6)).astype(float)
    table[:, 0] += rng.integers(0, 2, 400) * 1e-9
    assert len(near_rows(table, np.zeros(400, dtype=np.int64))[0]) == 0


def test_missing_cells_are_equal_and_never_nearly_equal() -> None:
    table = np.random.default_rng(2).normal(size=(30, 5))
    table[:2, 4] = np.nan
    table[1] = table[0]
    table[1, 0] += 1e-9
    assert near_rows(table, np.zeros(30, dtype=np.int64))[0].tolist() == [[0, 1]]
    table[1, 4] = 0.0
    assert len(near_rows(table, np.zeros(30, dtype=np.int64))[0]) == 0


def test_small_and_constant_tables_have_no_near_rows() -> None:
    for table in (np.empty((0, 5)), np.ones((1, 5)), np.ones((5, 2)), np.ones((5, 5)), np.full((5, 5), np.nan)):
        assert len(near_rows(table, np.zeros(len(table), dtype=np.int64))[0]) == 0
