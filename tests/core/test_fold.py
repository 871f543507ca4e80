from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from dechaff.core.fold import MergeTree, gathered, in_one, iterate


@pytest.mark.parametrize("n", range(20))
def test_the_order_of_states_is_kept_and_none_is_lost(n: int) -> None:
    tree = MergeTree(lambda left, right: left + right)
    for state in range(n):
        tree.add([state])
    assert tree.root([]) == list(range(n))


def test_few_states_are_kept_in_memory() -> None:
    tree = MergeTree(lambda left, right: left + right)
    for _ in range(1000):
        tree.add(1)
    assert len(tree._levels) == 6  # 1000 = 512 + 256 + 128 + 64 + 32 + 8
    assert tree.root(0) == 1000


@dataclass(frozen=True)
class Halving:
    value: float


def run(fold: Halving) -> float:
    return fold.value / 2


def test_it_stops_where_nothing_moves() -> None:
    seen = []

    def settled(old: float, new: float) -> bool:
        seen.append(new)
        return abs(old - new) < 0.1

    assert iterate(Halving, run, 1.0, settled=settled, most_rounds=99) == seen[-1] == 0.0625


def test_it_stops_after_the_most_rounds() -> None:
    assert iterate(Halving, run, 1.0, settled=lambda old, new: False, most_rounds=3) == 0.125


def test_no_rounds_leave_the_start() -> None:
    assert iterate(Halving, run, 1.0, settled=lambda old, new: False, most_rounds=0) == 1.0


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
