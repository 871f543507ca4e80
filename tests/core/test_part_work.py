from __future__ import annotations

import numpy as np

from dechaff.backends import local
from dechaff.core import part_work
from dechaff.core.backend import bound
from dechaff.core.class_counts import ClassCounts
from dechaff.core.part_work import runs_of_parts, state_of_parts
from dechaff.core.row_map import Column, NamedRows
from dechaff.core.source import ArrayPart, ArraySource, RowSpan
from dechaff.typing import Chunk


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


class Pieces(dict):
    """A sink in memory."""

    def write(self, rows: RowSpan, columns: Chunk) -> None:
        self[rows] = columns["labels"].tolist()


def test_answers_of_a_long_part_reach_the_sink_in_pieces(monkeypatch) -> None:
    monkeypatch.setattr(part_work, "CHUNK_BYTES", 8)
    monkeypatch.setattr("dechaff.core.source._FEWEST_ROWS", 3)
    part, sink = ArrayPart({"labels": np.arange(14)}, first_row=100), Pieces()
    answers, state = part_work.answers_of_part(NamedRows({"labels": Column("labels")}), part, sink, piece_bytes=40)
    assert (answers, state) == ({}, None)
    assert sink == {RowSpan(100, 6): list(range(6)), RowSpan(106, 6): list(range(6, 12)), RowSpan(112, 2): [12, 13]}
