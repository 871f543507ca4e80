from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from dechaff.data.answer_tables import AnswerColumns, AnswerTable, read_answers
from dechaff.errors import DataError, LabelsError
from dechaff.records.options import FileOptions

LONG = {
    "Task ID": ["p", "p", "q", "q"],
    "worker": ["ann", "bob", "ann", "bob"],
    "answer": ["cat", "dog", "dog", "dog"],
    "lead_time": [3, 4, 5, 6],
}


ANY = AnswerColumns()


def read(source: Any, columns: AnswerColumns = ANY, classes: tuple[str, ...] = ()) -> AnswerTable:
    return read_answers(source, columns, classes=classes, files=FileOptions())


def triples(table: AnswerTable) -> list[tuple[Any, Any, Any]]:
    codes = (table.items, table.annotators, table.labels)
    names = (table.item_names, table.annotator_names, table.class_names)
    return sorted(zip(*(name[code].tolist() for name, code in zip(names, codes, strict=True)), strict=True))


def test_columns_are_recognized_by_their_names_which_are_stated() -> None:
    table = read(LONG)
    assert triples(table) == [("p", "ann", "cat"), ("p", "bob", "dog"), ("q", "ann", "dog"), ("q", "bob", "dog")]
    assert table.seconds is not None
    assert table.seconds.tolist() == [3, 4, 5, 6]
    assert [(one.what, one.value) for one in table.assumptions] == [
        ("item", "'Task ID'"), ("annotator", "'worker'"), ("label", "'answer'"), ("seconds", "'lead_time'")
    ]  # fmt: skip


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame, pa.table], ids=["pandas", "polars", "Arrow"])
def test_any_frame_holds_the_same_answers(frame: Any) -> None:
    assert triples(read(frame(LONG))) == triples(read(LONG))


@pytest.mark.parametrize("suffix", ["csv", "tsv", "parquet", "jsonl"])
def test_any_file_holds_the_same_answers(tmp_path: Path, suffix: str) -> None:
    path, frame = tmp_path / f"answers.{suffix}", pl.DataFrame(LONG)
    writers: dict[str, Any] = {
        "csv": frame.write_csv,
        "tsv": lambda to: frame.write_csv(to, separator="\t"),
        "parquet": frame.write_parquet,
        "jsonl": frame.write_ndjson,
    }
    writers[suffix](path)
    assert triples(read(path)) == triples(read(LONG))


def test_other_names_can_be_given() -> None:
    frame = pl.DataFrame(LONG).rename({"Task ID": "x", "worker": "y", "answer": "z"})
    columns = AnswerColumns(item="x", annotator="y", label="z")
    assert triples(read(frame, columns)) == triples(read(LONG))


def test_a_wide_table_has_one_column_per_annotator() -> None:
    wide = pd.DataFrame({"ann": [0, 1, np.nan], "bob": [0, np.nan, 1]}, index=["p", "q", "r"])
    table = read(wide)
    assert triples(table) == [("p", "ann", 0), ("p", "bob", 0), ("q", "ann", 1), ("r", "bob", 1)]
    assert table.class_names.tolist() == [0, 1]
    with_ids = pl.DataFrame({"item_id": ["p", "q"], "ann": ["a", "b"], "bob": ["a", ""]})
    assert triples(read(with_ids)) == [("p", "ann", "a"), ("p", "bob", "a"), ("q", "ann", "b")]


def test_an_array_of_integers_has_minus_one_for_no_answer() -> None:
    table = read(np.array([[0, 1, -1], [1, 1, 0]]))
    assert triples(table) == [(0, "0", 0), (0, "1", 1), (1, "0", 1), (1, "1", 1), (1, "2", 0)]


def test_numbers_are_sorted_as_numbers_and_rows_without_an_answer_are_left_out() -> None:
    frame = {"item": [1, 1, 1], "annotator": [1, 2, 3], "label": ["10", "9", None]}
    table = read(frame)
    assert table.class_names.tolist() == ["9", "10"]
    assert len(table.items) == 2
    assert "1 rows left out" in table.assumptions[-1].value


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"answer": ["cat", None, None, None]}, LabelsError, r"one or more of each item; found none of q \(1 of 2"),
        ({"worker": ["ann", "ann", "ann", "ann"], "Task ID": list("pqrs")}, DataError, "two annotators or more"),
        ({"worker": ["ann", "ann", "bob", "ann"]}, DataError, "found two of ann about p"),
        ({"Task ID": ["p", None, "q", "q"]}, DataError, "be filled in each row; found an empty cell in row 1"),
        ({"answer": ["cat"] * 4}, LabelsError, "two classes or more; found only cat"),
    ],
)
def test_bad_answers_are_refused(change: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        read({**LONG, **change})


def test_answers_outside_the_classes_are_refused_and_classes_without_answers_are_kept() -> None:
    with pytest.raises(LabelsError, match="be among the classes cat, bird; found dog about p"):
        read(LONG, classes=("cat", "bird"))
    assert read(LONG, classes=("dog", "cat", "bird")).class_names.tolist() == ["dog", "cat", "bird"]


def test_a_mistyped_column_is_answered_with_the_closest_names() -> None:
    with pytest.raises(DataError, match="Did you mean 'worker'"):
        read(LONG, AnswerColumns(annotator="wrker"))


def test_repeated_items_in_a_wide_table_are_refused() -> None:
    with pytest.raises(DataError, match="name each item once"):
        read({"item": ["p", "p"], "ann": ["a", "b"], "bob": ["a", "b"]})
