import pickle
from functools import reduce

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dechaff.core.groups import UnionFind, connected_groups, group_numbers, group_pairs, merged_groups


def test_pairs_tie_groups_together_over_several_steps() -> None:
    assert connected_groups(np.array([[4, 5], [0, 4], [1, 2]]), 7).tolist() == [0, 1, 1, -1, 0, 0, -1]
    assert connected_groups(np.empty((0, 2), dtype=np.int64), 2).tolist() == [-1, -1]


def test_groups_survive_the_way_over_pairs() -> None:
    groups = np.array([0, -1, 1, 0, 1, 1])
    assert connected_groups(group_pairs(groups), 6).tolist() == groups.tolist()


@settings(max_examples=50, deadline=None)
@given(pairs=st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=40), parts=st.integers(1, 5))
def test_forests_of_parts_merge_into_the_forest_of_all(pairs: list[tuple[int, int]], parts: int) -> None:
    array = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    fold = UnionFind()
    states = [fold.update(fold.init(), {"pairs": part}) for part in np.array_split(array, parts)]
    states = [pickle.loads(pickle.dumps(state)) for state in states]
    linked = reduce(fold.merge, reversed(states))
    least = {row: row for pair in pairs for row in pair}
    for _ in pairs:  # as plain as it can be: every pair hands on the smaller of its two
        for one, other in pairs:
            least[one] = least[other] = min(least[one], least[other])
    assert dict(zip(linked.keys.tolist(), linked.least.tolist(), strict=True)) == least


def test_a_long_chain_of_pairs_in_any_order_is_one_group() -> None:
    rows = np.random.default_rng(0).permutation(50_000)
    chain = np.stack([rows[:-1], rows[1:]], axis=1)
    assert (connected_groups(chain, 50_000) == 0).all()


def test_the_least_row_of_a_row_in_no_pair_is_itself() -> None:
    fold = UnionFind()
    linked = fold.update(fold.init(), {"pairs": np.array([[8, 3]])})
    assert linked.least_of(np.array([8, 3, 5, 100])).tolist() == [3, 3, 5, 100]
    assert fold.init().least_of(np.array([7])).tolist() == [7]


def test_groups_are_joined_in_chains() -> None:
    merged = merged_groups(np.array([5, 5, -1, -1, 8]), np.array([-1, 2, 2, -1, -1]))
    assert merged.tolist() == [0, 0, 0, -1, -1]
    assert group_numbers(merged).tolist() == [0, 0, 0, 1, 2]


def test_hashes_are_joined_without_losing_a_bit() -> None:
    fold, top = UnionFind(hashes=True), 2**64 - 1
    sets = fold.update(fold.init(), {"pairs": np.array([[top, top - 2]], dtype=np.uint64)})
    found = sets.least_of(np.array([top, top - 1, top - 2], dtype=np.uint64))
    assert found.tolist() == [top - 2, top - 1, top - 2]
