from __future__ import annotations

import pytest

from dechaff.core.merge_tree import MergeTree


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
