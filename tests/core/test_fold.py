from __future__ import annotations

from dataclasses import dataclass

import pytest

from dechaff.core.fold import MergeTree, iterate


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
