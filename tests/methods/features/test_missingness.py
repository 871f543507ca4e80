import numpy as np
import pytest

from dechaff.methods.features.missingness import missingness


def test_the_chi_square_of_a_table_by_hand() -> None:
    # 30 of 50 miss the cell in class 0, 10 of 50 in class 1: expected 20 each, so
    # 2 * (10^2 / 20 + 10^2 / 30) = 16.67, V = sqrt(0.1667), p = erfc(sqrt(16.67 / 2)).
    labels = np.repeat([0, 1], 50)
    missing = np.concatenate([np.arange(50) < 30, np.arange(50) < 10])
    found = missingness(missing, labels, 2)
    assert found is not None
    assert found.rates.tolist() == [0.6, 0.2]
    assert found.strength == pytest.approx(np.sqrt(1 / 6))
    assert found.p_value == pytest.approx(4.456e-5, rel=1e-3)


def test_rows_without_a_label_do_not_count_and_few_missing_cells_tell_nothing() -> None:
    labels = np.array([0, 1] * 20 + [-1] * 60)
    missing = np.arange(100) >= 40
    assert missingness(missing, labels, 2) is None
    assert missingness(np.zeros(100, dtype=bool), labels, 2) is None
    assert missingness(missing, np.zeros(100, dtype=np.int64), 2) is None
