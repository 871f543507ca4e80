import numpy as np

from dechaff.core.factorize import combine_codes, factorize
from dechaff.methods.duplicates import equal_rows, first_of_group, group_pairs, linked_groups, shared_rows


def test_groups_are_numbered_by_their_first_row() -> None:
    assert equal_rows(np.array([5, 2, 2, 5, 1])).tolist() == [0, 1, 1, 0, -1]


def test_rows_that_are_compared_with_none_stay_alone() -> None:
    assert equal_rows(np.array([-1, -1, 3, 3])).tolist() == [-1, -1, 0, 0]


def test_no_rows_have_no_groups() -> None:
    assert equal_rows(np.empty(0, dtype=np.int64)).tolist() == []
    assert equal_rows(np.array([4])).tolist() == [-1]


def test_missing_numbers_are_equal_to_each_other() -> None:
    codes = factorize(np.array([np.nan, 1.0, np.nan]))
    assert codes[0] == codes[2] != codes[1]


def test_rows_are_equal_only_where_all_columns_agree() -> None:
    rng = np.random.default_rng(0)
    columns = [rng.integers(0, 3, 200) for _ in range(4)]
    code = combine_codes(columns, 200)
    rows = list(zip(*[column.tolist() for column in columns], strict=True))
    assert all((code[i] == code[j]) == (rows[i] == rows[j]) for i in range(200) for j in range(i))


def test_rows_of_both_tables_are_found_on_both_sides() -> None:
    in_test, in_train = shared_rows(np.array([1, 2, 2, -1]), np.array([2, -1, 7]))
    assert in_test.tolist() == [False, True, True, False]
    assert in_train.tolist() == [True, False, False]


def test_pairs_tie_groups_together_over_several_steps() -> None:
    assert linked_groups(np.array([[4, 5], [0, 4], [1, 2]]), 7).tolist() == [0, 1, 1, -1, 0, 0, -1]
    assert linked_groups(np.empty((0, 2), dtype=np.int64), 2).tolist() == [-1, -1]


def test_groups_survive_the_way_over_pairs() -> None:
    groups = np.array([0, -1, 1, 0, 1, 1])
    assert linked_groups(group_pairs(groups), 6).tolist() == groups.tolist()
    assert first_of_group(groups).tolist() == [True, False, True, False, False, False]
