import numpy as np

from dechaff.core.gathered import gathered, in_one


def piece(*rows: int) -> tuple[np.ndarray, ...]:
    return np.array(rows, dtype=np.int64), np.array(rows, dtype=float) / 2


def test_pieces_stand_in_the_order_of_rows_whoever_comes_first() -> None:
    left, right = (piece(4, 5), piece(9)), (piece(0, 1), piece(6))
    both = gathered(left, right)
    assert [rows.tolist() for rows, _ in both] == [[0, 1], [4, 5], [6], [9]]
    assert all(one is other for one, other in zip(both, gathered(right, left), strict=True))


def test_pieces_without_rows_are_forgotten() -> None:
    assert gathered((piece(),), ()) == ()


def test_no_pieces_have_the_types_that_are_asked_for() -> None:
    rows, values = in_one((), np.int64, np.uint64)
    assert (rows.dtype, values.dtype) == (np.int64, np.uint64)
    assert len(rows) == len(values) == 0


def test_all_pieces_in_one_are_as_they_were() -> None:
    rows, values = in_one((piece(3), piece(5, 8)), np.int64, np.float64)
    assert rows.tolist() == [3, 5, 8]
    assert values.tolist() == [1.5, 2.5, 4.0]
