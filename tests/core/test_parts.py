from __future__ import annotations

import pickle

import numpy as np
import pytest

from dechaff.backends import local
from dechaff.core import parts as part_work
from dechaff.core.backend import bound
from dechaff.core.codes import ClassCounts
from dechaff.core.fold import Beside, Column, NamedRows
from dechaff.core.parts import Parts, numbered, runs_of_parts, state_of_parts
from dechaff.core.source import ArraySource, RowSpan
from dechaff.methods.label_errors.noise_posterior import RowErrorOdds
from dechaff.typing import Chunk
from tests.laws.cases import columns


def parts(rows: int) -> Parts:
    return Parts(tuple(ArraySource(columns(0).arrays, chunk_rows=rows).parts()))


def test_parts_are_a_source() -> None:
    source = parts(150)
    assert (source.n_rows, len(source.parts())) == (400, 3)
    assert np.concatenate([chunk["row"] for chunk in source.chunks(["row"])]).tolist() == list(range(400))


def test_rows_of_one_key_come_together_from_all_parts() -> None:
    chunks = list(parts(150).chunks(["row", "labels"], "labels"))
    assert sum(len(chunk["row"]) for chunk in chunks) == 400
    keys = [set(chunk["labels"].tolist()) for chunk in chunks]
    assert len(set.union(*keys)) == sum(map(len, keys))


def test_keys_that_do_not_fit_come_a_share_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = np.array([f"key {row % 37}" for row in range(400)], dtype=object)
    whole = Parts(tuple(ArraySource({"row": np.arange(400), "key": texts}, chunk_rows=150).parts()))
    monkeypatch.setattr("dechaff.core.parts.SHARE_BYTES", 4_000)
    chunks = list(whole.chunks(["row"], "key"))
    assert 5 < len(chunks) < 37
    assert max(len(chunk["row"]) for chunk in chunks) < 200
    assert sorted(np.concatenate([chunk["row"] for chunk in chunks]).tolist()) == list(range(400))
    keys = [set(texts[chunk["row"]]) for chunk in chunks]
    assert len(set.union(*keys)) == sum(map(len, keys)) == 37


def test_columns_are_handed_on_beside_the_answers() -> None:
    data, source = columns(0), parts(150)
    verdicts = RowErrorOdds(1.3, data.transition)
    answers, joint = local.row_map(Beside(verdicts, ("row",)), source)
    plain, expected = local.row_map(verdicts, source)
    np.testing.assert_array_equal(answers["row"], data.arrays["row"])
    np.testing.assert_array_equal(answers["log_odds"], plain["log_odds"])
    np.testing.assert_array_equal(joint, expected)
    np.testing.assert_array_equal(local.fold(Beside(verdicts, ("row",)), source), expected)


def test_a_column_is_a_row_map() -> None:
    source = parts(150)
    answers, _ = local.row_map(NamedRows({"number": Column("row")}), source)
    assert answers["number"].tolist() == list(range(400))


def test_text_that_grows_longer_from_chunk_to_chunk_is_kept_whole() -> None:
    source = ArraySource({"ids": np.array(["a", "bb", "ccc" * 30])}, chunk_rows=3)
    answers, _ = local.row_map(NamedRows({"id": Column("ids")}), source)
    assert answers["id"].tolist() == ["a", "bb", "ccc" * 30]


def source(n: int, chunk_rows: int) -> Parts:
    return numbered(ArraySource({"labels": np.arange(n) * 10}, chunk_rows))


@pytest.mark.parametrize("chunk_rows", [1, 3, 50])
def test_every_row_has_its_number_in_every_split(chunk_rows: int) -> None:
    counted = source(7, chunk_rows)
    assert counted.n_rows == 7
    whole = list(counted.chunks(["row", "labels"]))
    parted = [chunk for part in counted.parts() for chunk in part.chunks(["row", "labels"])]
    for chunks in (whole, parted):
        assert np.concatenate([chunk["row"] for chunk in chunks]).tolist() == list(range(7))
        assert all((chunk["labels"] == 10 * chunk["row"]).all() for chunk in chunks)


def test_small_chunks_of_a_part_go_on_counting() -> None:
    part = source(200, 100).parts()[1]
    rows = [chunk["row"] for chunk in part.chunks(["row", "labels"], chunk_bytes=1)]
    assert len(rows) > 1
    assert np.concatenate(rows).tolist() == list(range(100, 200))


def test_the_numbers_can_be_read_alone() -> None:
    assert [chunk["row"].tolist() for chunk in source(4, 3).chunks(["row"])] == [[0, 1, 2], [3]]


def test_a_part_travels_by_pickle() -> None:
    part = pickle.loads(pickle.dumps(source(5, 2).parts()[2]))
    assert (part.first_row, part.n_rows) == (4, 1)
    assert next(iter(part.chunks(["row", "labels"])))["row"].tolist() == [4]


def test_the_rows_of_whole_groups_keep_their_numbers() -> None:
    chunks = list(source(4, 2).chunks(["row", "labels"], keyed_by="labels"))
    assert sorted(np.concatenate([chunk["row"] for chunk in chunks]).tolist()) == [0, 1, 2, 3]
    assert all((chunk["labels"] == 10 * chunk["row"]).all() for chunk in chunks)


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
    part, sink = ArraySource({"labels": np.arange(14)}, first_row=100), Pieces()
    answers, state = part_work.answers_of_part(NamedRows({"labels": Column("labels")}), part, sink, piece_bytes=40)
    assert (answers, state) == ({}, None)
    assert sink == {RowSpan(100, 6): list(range(6)), RowSpan(106, 6): list(range(6, 12)), RowSpan(112, 2): [12, 13]}
