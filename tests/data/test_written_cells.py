"""Cells that reviewers wrote reach the new data of every format, in the type of their column."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest

from dechaff.data.open import open_data
from dechaff.errors import DataError

TABLE = {"text": ["a, b", "c", "d"], "age": [1, 2, 3], "label": ["x", "y", "x"]}
CELLS = {"age": {1: "42"}, "text": {0: 'say "hi", you', 1: ""}}
KEEP = np.array([True, True, False])


def _written(source):
    return source.with_cells(CELLS).improved(KEEP, {1: "x"})


def test_of_a_csv_only_the_fields_change(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b'text,age,label\r\n"a, b",1,x\r\nc,2,y\r\nd,3,x\r\n')
    written = _written(open_data(path, label="label").train.source)
    assert written == b'text,age,label\r\n"say ""hi"", you",1,x\r\n,42,x\r\n'


def test_of_json_lines_each_value_keeps_its_type(tmp_path):
    path = tmp_path / "a.jsonl"
    rows = zip(*TABLE.values(), strict=True)
    path.write_text("".join(json.dumps(dict(zip(TABLE, row, strict=True))) + "\n" for row in rows))
    lines = [json.loads(line) for line in _written(open_data(path, label="label").train.source).splitlines()]
    assert lines == [
        {"text": 'say "hi", you', "age": 1, "label": "x"},
        {"text": None, "age": 42, "label": "x"},
    ]


def _records(table):
    return pl.DataFrame(table).to_dicts()


def _pandas(table):
    return pytest.importorskip("pandas").DataFrame(table)


@pytest.mark.parametrize("made", [pl.DataFrame, dict, _records, _pandas])
def test_of_data_in_memory_they_come_back_in_the_callers_type(made):
    data = made(TABLE)
    written = _written(open_data(data, label="label").train.source)
    assert type(written) is type(data)
    columns = {
        name: [row[name] for row in written] if isinstance(written, list) else list(written[name]) for name in TABLE
    }
    assert columns["age"] == [1, 42]
    assert columns["text"][0] == 'say "hi", you'
    assert columns["label"] == ["x", "x"]


def test_of_parquet_types_stay(tmp_path):
    pl.DataFrame(TABLE).write_parquet(tmp_path / "a.parquet")
    source = open_data(tmp_path / "a.parquet", label="label").train.source.with_cells(CELLS)
    source.write(tmp_path / "b.parquet", keep=KEEP, labels={1: "x"})
    frame = pl.read_parquet(tmp_path / "b.parquet")
    assert frame.schema == pl.DataFrame(TABLE).schema
    assert frame.rows() == [('say "hi", you', 1, "x"), (None, 42, "x")]


def test_labels_beside_the_data_stay_beside_them():
    data, labels = pl.DataFrame({"age": [1, 2, 3], "size": [1.5, 2.5, 3.5]}), ["x", "y", "x"]
    source = open_data((data, labels)).train.source.with_cells({"size": {0: "9.5"}})
    frame, new = source.improved(KEEP, {1: "x"})
    assert frame["size"].to_list() == [9.5, 2.5]
    assert new == ["x", "x"]


def test_a_cell_of_another_type_is_refused():
    source = open_data(TABLE, label="label").train.source.with_cells({"age": {0: "old"}})
    with pytest.raises(DataError, match="the new cell of 'age' 'old' must be a int"):
        source.improved(KEEP, {})
