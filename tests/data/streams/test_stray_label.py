from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

import dechaff
from dechaff.data.streams.label_stream import open_label_stream, stray_label
from dechaff.errors import LabelsError

N = 300

pytestmark = pytest.mark.usefixtures("small_parts")


def probs(k: int) -> np.ndarray:
    return np.random.default_rng(0).dirichlet(np.ones(k), N)


def write(folder: Path, form: str, labels: list[object], names: str) -> Path:
    table = pl.DataFrame({"y": pl.Series(labels, strict=False)}).with_columns(
        pl.Series(name, column) for name, column in zip(names, probs(len(names)).T, strict=True)
    )
    path = folder / f"a.{form}"
    {
        "parquet": lambda: table.write_parquet(path, row_group_size=100),
        "csv": lambda: table.write_csv(path),
        "jsonl": lambda: table.write_ndjson(path),
    }[form]()
    return path


PLACES = {"parquet": "row group 2", "csv": "line 219", "jsonl": "line 218"}
STREAMS = [dechaff.labels.stream_label_errors, dechaff.labels.stream_confident_learning]


@pytest.mark.parametrize("stream", STREAMS)
@pytest.mark.parametrize("form", PLACES)
@pytest.mark.parametrize(
    ("labels", "names", "stray"),
    [
        (["a", "b", "c"], "abc", "'x'"),
        (["a", "b"], "abc", "'x'"),
        ([0, 1, 2], "012", "7"),
        ([0, 1, 2], "abc", "7"),
        ([0.0, 1.0, 2.0], "012", "1.5"),
        ([0.0, 1.0, 2.0], "abc", "3.0"),
    ],
)
def test_a_label_without_a_column_is_named_with_its_place(
    labels: list[object], names: str, stray: str, form: str, stream, tmp_path: Path
) -> None:
    rows = (labels * N)[:N]
    rows[217:] = [eval(stray)] * (N - 217)
    source = write(tmp_path, form, rows, names)
    words = rf"found {stray} in row 217 \({source}, {PLACES[form]}\); the names are {', '.join(names)}\."
    with pytest.raises(LabelsError, match=words):
        stream("y", source, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("form", PLACES)
def test_of_many_labels_the_first_is_named(form: str, tmp_path: Path) -> None:
    source = write(tmp_path, form, [*"abc" * 70, *map(str, range(N - 210))], "abc")
    with pytest.raises(LabelsError, match=r"'0' in row 210 \(.*, (row group 2|line 212|line 211)\)"):
        dechaff.labels.stream_label_errors("y", source, out=tmp_path / "out")


@pytest.mark.parametrize("form", PLACES)
@pytest.mark.parametrize("stream", STREAMS)
def test_whole_numbers_with_a_point_are_the_numbers_of_columns_as_in_memory(form: str, stream, tmp_path: Path) -> None:
    labels = np.random.default_rng(1).integers(0, 2, N)  # no row is of the third class
    source = write(tmp_path, form, labels.astype(float).tolist(), "012")
    found = stream("y", source, out=tmp_path / "out")
    assert found.class_names == [0, 1, 2]
    assert found.table()["given"].to_list() == labels.tolist()
    if stream is dechaff.labels.stream_label_errors:
        frame = pl.DataFrame(dict(zip("012", probs(3).T, strict=True)))
        expected = dechaff.find_label_errors(labels.astype(float), frame)
        assert found.table()["flag"].to_list() == expected.flag.tolist()
        assert found.table()["suggested"].to_list() == expected.suggested.tolist()


def test_numbers_of_one_file_may_have_a_point_in_another(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("y,0,1.5\n" + "0,0.75,0.25\n" * 20)
    (tmp_path / "b.csv").write_text("y,0,1.5\n" + "1.5,0.25,0.75\n0.0,0.75,0.25\n" * 10)
    found = dechaff.labels.stream_confident_learning("y", tmp_path, out=tmp_path / "out")
    assert found.counts.tolist() == [30, 10]


def test_a_class_whose_name_is_no_number_keeps_it_beside_those_that_are(tmp_path: Path) -> None:
    source = write(tmp_path, "parquet", [0, 1] * (N // 2), "01x")
    found = dechaff.labels.stream_confident_learning("y", source, out=tmp_path / "out")
    assert found.class_names == [0, 1, "x"]
    assert found.table()["given"].unique().sort().to_list() == ["0", "1"]


@pytest.mark.parametrize("missing", [None, np.nan])
def test_a_missing_number_is_named_with_its_place(missing: float | None, tmp_path: Path) -> None:
    rows: list[object] = [0.0, 1.0] * (N // 2)
    rows[140] = missing
    source = write(tmp_path, "parquet", rows, "01")
    with pytest.raises(LabelsError, match=r"be given in every row; found none in row 140 \(.*, row group 1\)"):
        dechaff.labels.stream_confident_learning("y", source, out=tmp_path / "out")


def test_lines_count_those_in_quotes_and_blank_ones(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('y,note,a,b\na,"two\nlines",0.5,0.5\n\nb,"",0.5,0.5\n\n\nx,"",0.5,0.5\n')
    stream = open_label_stream(tmp_path / "a.csv", "y", id="note")
    assert r"'x' in row 2 (" in str(stray_label(stream, stream.names))
    assert r"a.csv, line 8)" in str(stray_label(stream, stream.names))


@pytest.mark.parametrize(
    ("labels", "found"),
    [
        ([0, 1, 2, 1], "be whole numbers from 0 to 1, .*; found 2 in row 2"),
        (["a", "b", "a", "c"], "or 2 different names, .*; found 'c' in row 3"),
        (["a", "a", "a", "a"], "or 2 different names, .*; found 1 different labels: a"),
    ],
)
def test_labels_of_columns_without_names(labels: list[object], found: str, tmp_path: Path) -> None:
    np.save(tmp_path / "probs.npy", np.full((4, 2), 0.5))
    np.save(tmp_path / "labels.npy", labels)
    with pytest.raises(LabelsError, match=found):
        dechaff.labels.stream_label_errors(None, tmp_path / "probs.npy", out=tmp_path / "out")


def test_labels_that_have_a_column_are_let_through(tmp_path: Path) -> None:
    stream = open_label_stream(write(tmp_path, "parquet", [*"ab" * (N // 2)], "ab"), "y")
    assert stray_label(stream, stream.names) is None
