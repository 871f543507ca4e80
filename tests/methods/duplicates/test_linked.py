import numpy as np

from dechaff.methods.duplicates import first_of_group, group_pairs, linked_groups


def test_pairs_tie_groups_together_over_several_steps() -> None:
    assert linked_groups(np.array([[4, 5], [0, 4], [1, 2]]), 7).tolist() == [0, 1, 1, -1, 0, 0, -1]
    assert linked_groups(np.empty((0, 2), dtype=np.int64), 2).tolist() == [-1, -1]


def test_groups_survive_the_way_over_pairs() -> None:
    groups = np.array([0, -1, 1, 0, 1, 1])
    assert linked_groups(group_pairs(groups), 6).tolist() == groups.tolist()
    assert first_of_group(groups).tolist() == [True, False, True, False, False, False]
