from __future__ import annotations

import pickle

import numpy as np
import pytest

from dechaff.core.source import PART_BYTES, ArraySource
from dechaff.errors import InputError


def test_chunks_are_views_in_order() -> None:
    labels = np.arange(10)
    chunks = [chunk["labels"] for chunk in ArraySource({"labels": labels}, chunk_rows=4).chunks(["labels"])]
    assert [len(chunk) for chunk in chunks] == [4, 4, 2]
    assert all(np.shares_memory(chunk, labels) for chunk in chunks)


def test_only_the_wanted_columns_come() -> None:
    source = ArraySource({"labels": np.zeros(2), "probs": np.zeros((2, 2))})
    assert [list(chunk) for chunk in source.chunks(["probs"])] == [["probs"]]


def test_rows_of_one_key_are_never_parted() -> None:
    keys = np.random.default_rng(0).integers(0, 9, 100)
    source = ArraySource({"task": keys, "row": np.arange(100)}, chunk_rows=20)
    chunks = list(source.chunks(["task", "row"], keyed_by="task"))
    assert len(chunks) > 1
    seen = [set(chunk["task"].tolist()) for chunk in chunks]
    assert sum(len(keys) for keys in seen) == len(set.union(*seen)) == 9
    assert sorted(np.concatenate([chunk["row"] for chunk in chunks]).tolist()) == list(range(100))


@pytest.mark.parametrize("keyed_by", [None, "task"])
def test_no_rows_make_one_empty_chunk(keyed_by: str | None) -> None:
    chunks = list(ArraySource({"task": np.empty(0)}).chunks(["task"], keyed_by))
    assert [len(chunk["task"]) for chunk in chunks] == [0]


def test_an_unknown_column_is_named() -> None:
    with pytest.raises(InputError, match="the column probs must be in the source; found labels"):
        list(ArraySource({"labels": np.zeros(2)}).chunks(["probs"]))


def test_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(InputError, match="same number of rows"):
        ArraySource({"labels": np.zeros(2), "probs": np.zeros((3, 2))})


def test_parts_hold_all_rows_in_order_and_no_more_than_their_own() -> None:
    labels = np.arange(10)
    parts = ArraySource({"labels": labels}, chunk_rows=4).parts()
    assert [(part.first_row, part.n_rows) for part in parts] == [(0, 4), (4, 4), (8, 2)]
    assert np.concatenate([chunk["labels"] for part in parts for chunk in part.chunks(["labels"])]).tolist() == [
        *labels
    ]
    assert len(pickle.dumps(parts[2])) < len(pickle.dumps(ArraySource({"labels": np.arange(1000)})))


def test_parts_are_cut_by_bytes() -> None:
    source = ArraySource({"labels": np.zeros(2 * PART_BYTES // 8, dtype=np.int64)})
    assert [part.n_rows for part in source.parts()] == [PART_BYTES // 8] * 2


def test_no_rows_make_one_empty_part() -> None:
    (part,) = ArraySource({"labels": np.empty(0)}).parts()
    assert [len(chunk["labels"]) for chunk in part.chunks(["labels"])] == [0]
