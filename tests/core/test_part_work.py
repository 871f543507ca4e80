from __future__ import annotations

import numpy as np

from dechaff.backends import local
from dechaff.core.backend import bound
from dechaff.core.class_counts import ClassCounts
from dechaff.core.part_work import runs_of_parts, state_of_parts
from dechaff.core.source import ArraySource


def test_each_part_has_a_state_of_its_own_where_states_are_small() -> None:
    parts = ArraySource({"labels": np.zeros(10, dtype=int)}, chunk_rows=4).parts()
    assert [len(run) for run in runs_of_parts(parts, np.zeros(2))] == [1, 1, 1]


def test_parts_are_folded_together_until_they_weigh_as_much_as_a_state() -> None:
    parts = ArraySource({"labels": np.zeros(100, dtype=int)}, chunk_rows=10).parts()
    runs = list(runs_of_parts(parts, np.zeros(200)))
    assert [len(run) for run in runs] == [3, 3, 3, 1]
    assert [part.first_row for run in runs for part in run] == list(range(0, 100, 10))


def test_the_state_of_parts_is_that_of_their_rows() -> None:
    parts = ArraySource({"labels": np.array([0, 1, 1, 1])}, chunk_rows=1).parts()
    assert state_of_parts(ClassCounts(2), parts[1:]).tolist() == [0, 3]


def test_a_bound_backend_has_its_options_filled_in() -> None:
    source = ArraySource({"labels": np.array([0, 1, 1, 1])})
    assert bound(local, threads=2).fold(ClassCounts(2), source).tolist() == [1, 3]
