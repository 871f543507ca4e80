from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import dechaff
from dechaff.data.classes import column_values, encode_classes
from dechaff.data.label_columns import prob_table
from dechaff.errors import DataError, LabelsError, ProbsError


@pytest.mark.parametrize(
    "column",
    [
        ["a", "b", "a"],
        pd.Series(["a", "b", "a"], dtype="category"),
        pd.DataFrame({0: ["a", "b", "a"]}),
        pl.Series(["a", "b", "a"], dtype=pl.Categorical),
        pl.DataFrame({"y": ["a", "b", "a"]}),
        pa.array(["a", "b", "a"]).dictionary_encode(),
        pa.table({"y": ["a", "b", "a"]}),
    ],
    ids=lambda column: type(column).__module__.split(".")[0],
)
def test_the_values_of_any_column(column: Any) -> None:
    assert column_values(column).tolist() == ["a", "b", "a"]


def test_an_array_is_handed_on_and_mixed_values_stay_apart() -> None:
    array = np.arange(3)
    assert column_values(array) is array
    assert column_values([1, "1"]).tolist() == [1, "1"]


def test_integers_of_pandas_are_integers_also_where_a_class_has_no_row() -> None:
    classes, codes = encode_classes(column_values(pd.Series([0, 2], dtype="Int64")), 3, None)
    assert (classes.tolist(), codes.tolist()) == ([0, 1, 2], [0, 2])
    with pytest.raises(LabelsError, match="in row 1"):
        encode_classes(column_values(pd.Series([0, None], dtype="Int64")), 3, None)


def test_names_are_matched_by_value_and_then_by_text() -> None:
    classes, codes = encode_classes(np.array([7, 5]), 2, ["5", "7"])
    assert (classes.tolist(), codes.tolist()) == ([5, 7], [1, 0])
    classes, codes = encode_classes(np.array(["b", "a"]), 3, ["c", "b", "a"])
    assert (classes.tolist(), codes.tolist()) == (["c", "b", "a"], [1, 2])


def test_a_class_without_rows_keeps_its_column() -> None:
    classes, codes = encode_classes(np.array([0, 2]), 4, None)
    assert (classes.tolist(), codes.tolist()) == ([0, 1, 2, 3], [0, 2])


@pytest.mark.parametrize(
    ("labels", "names", "classes"),
    [
        ([0.0, 2.0], ["0", "1", "2"], [0.0, 1.0, 2.0]),
        ([0.0, 2.0], ["a", "b", "c"], ["a", "b", "c"]),
        ([0.0, 2.0], None, [0.0, 1.0, 2.0]),
        ([0, 2], ["0", "1", "2"], [0, 1, 2]),
        ([0, 2], ["0", "x", "2"], [0, "x", 2]),
    ],
)
def test_whole_numbers_are_the_same_with_a_point(
    labels: list[float], names: list[str] | None, classes: list[Any]
) -> None:
    found, codes = encode_classes(np.array(labels), 3, names)
    assert codes.tolist() == [0, 2]
    assert list(zip(found.tolist(), map(type, found.tolist()), strict=True)) == list(
        zip(classes, map(type, classes), strict=True)
    )


@pytest.mark.parametrize(
    ("labels", "names", "found"),
    [
        (np.array(["b", "x", "a", "c"]), ["a", "b"], "found 'x' in row 1"),
        (np.array([0, 7, 1]), ["a", "b"], "found 7 in row 1"),
        (np.array([0, 7, 1]), ["0", "1"], "found 7 in row 1"),
        (np.array([1, 0, 2]), ["1", "2"], "found 0 in row 1"),
        (np.array([0.0, 0.5]), ["0", "1"], "found 0.5 in row 1"),
        (np.array([0.0, 1.0, 0.5]), None, "found 0.5 in row 2"),
        (np.array([False, True]), ["a", "b", "c"], "found False in row 0"),
        (np.array([0, 1], dtype=object), ["a", "b"], "found 0 in row 0"),
    ],
)
def test_the_first_label_without_a_column_is_named(labels: np.ndarray, names: list[str] | None, found: str) -> None:
    with pytest.raises(LabelsError, match=found):
        encode_classes(labels, 2 if names is None else len(names), names)


def test_an_error_says_where_the_row_stands() -> None:
    for labels, names in ((["a", "x"], ["a", "b"]), ([0, 7], None), ([0, np.nan], None)):
        with pytest.raises(LabelsError, match=r"in row 1 \(here\)"):
            encode_classes(np.array(labels), 2 if names else 3, names, where=" (here)")
    with pytest.raises(LabelsError, match="found 'x'; the names"):
        encode_classes(np.array(["a", "x"]), 2, ["a", "b"], where=None)


def test_missing_labels_are_refused_by_row() -> None:
    with pytest.raises(LabelsError, match="nan in row 1"):
        encode_classes(np.array([1.0, np.nan]), 2, None)


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pa.table])
def test_columns_that_are_no_classes_stand_beside(make: Any) -> None:
    frame = make({"y": ["a", "b"], "a": [0.5, 0.25], "b": [0.5, 0.75]})
    table = prob_table(frame, beside=["y"])
    assert table.names == ("a", "b")
    assert table.others["y"].tolist() == ["a", "b"]
    assert table.probs.tolist() == [[0.5, 0.5], [0.25, 0.75]]
    with pytest.raises(ProbsError, match="the column 'y' of probs"):
        prob_table(frame)
    with pytest.raises(DataError, match="z"):
        prob_table(frame, beside=["z"])


def test_files_without_probabilities_are_refused(tmp_path: Path) -> None:
    for name, content, message in (
        ("a.csv", b"label,a,b\n", r"a\.csv has a header but no rows"),
        ("a.xlsx", b"PK", r"a\.xlsx must be CSV.*found Excel"),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(DataError, match=message):
            prob_table(tmp_path / name, beside=["label"])
    (tmp_path / "folder").mkdir()
    with pytest.raises(DataError, match=r"No CSV, Parquet, JSONL or Arrow files found in .*folder"):
        prob_table(tmp_path / "folder")
    with pytest.raises(DataError, match=r"(?s)No such file: .*b\.csv.*Did you mean a\.csv"):
        prob_table(tmp_path / "b.csv")


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ("0.5,1.5", r"sum to 1.*; found \[0.5, 1.5\](, which sum to 2,)? in row 1 \(.*a.csv, line 4.*\)"),
        (
            "0.5,oops",
            r"column 'b' of probs must contain the probability .* found 'oops' in row 1 \(.*line 4\)",
        ),
    ],
)
@pytest.mark.parametrize("streamed", [False, True])
def test_a_bad_probability_is_named_with_file_line_and_column(
    cells: str, words: str, streamed: bool, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text(f"label,a,b\na,0.5,0.5\n\nb,{cells}\n")
    find = partial(dechaff.labels.stream_label_errors, "label", out=tmp_path / "out")
    with pytest.raises(ProbsError, match=words):
        (find if streamed else dechaff.find_label_errors)(tmp_path / "a.csv")
