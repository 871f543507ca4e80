import numpy as np

from dechaff.methods.features.mrmr import mrmr_order, mutual_information


def test_the_information_of_a_table_by_hand() -> None:
    # 40 rows of (0, 0), 10 of (0, 1), 10 of (1, 0), 40 of (1, 1):
    # 2 * 0.4 ln(0.4 / 0.25) + 2 * 0.1 ln(0.1 / 0.25) = 0.1927, less 1 / 200 by chance.
    first, second = np.repeat([0, 0, 1, 1], [40, 10, 10, 40]), np.repeat([0, 1, 0, 1], [40, 10, 10, 40])
    assert abs(mutual_information(first, second) - (0.1927 - 0.005)) < 1e-4


def test_a_copy_comes_after_a_weaker_column_that_adds_something() -> None:
    random = np.random.default_rng(0)
    weak, strong = random.integers(0, 2, 2000), random.integers(0, 4, 2000)
    labels = strong * 2 + np.where(random.random(2000) < 0.3, 1 - weak, weak)
    found = mrmr_order(np.stack([strong, strong, weak, random.integers(0, 3, 2000)], axis=1), labels)
    assert found.order[:2].tolist() == [0, 2]
    assert mrmr_order(np.stack([weak, strong], axis=1), labels, most=1).order.tolist() == [1]


def test_no_rows_and_no_columns_are_no_error() -> None:
    assert len(mrmr_order(np.zeros((0, 2), dtype=np.int64), np.zeros(0, dtype=np.int64)).order) == 2
    assert len(mrmr_order(np.zeros((5, 0), dtype=np.int64), np.zeros(5, dtype=np.int64)).order) == 0
