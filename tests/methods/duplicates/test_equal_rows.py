import numpy as np

from dechaff.methods.duplicates import equal_rows


def test_groups_are_numbered_by_their_first_row() -> None:
    assert equal_rows(np.array([5, 2, 2, 5, 1])).tolist() == [0, 1, 1, 0, -1]


def test_rows_that_are_compared_with_none_stay_alone() -> None:
    assert equal_rows(np.array([-1, -1, 3, 3])).tolist() == [-1, -1, 0, 0]


def test_no_rows_have_no_groups() -> None:
    assert equal_rows(np.empty(0, dtype=np.int64)).tolist() == []
    assert equal_rows(np.array([4])).tolist() == [-1]
