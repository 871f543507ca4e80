from __future__ import annotations

import pickle
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import dechaff
from dechaff.data.formats import parquet, polars_parquet
from dechaff.data.formats.files import open_files
from dechaff.data.formats.parquet import ParquetPart
from dechaff.data.streams.label_stream import open_label_stream
from dechaff.errors import DataError, LabelsError, ProbsError
from tests.data.streams.made import N, frame

COLUMNS = ["id", "y", "ant", "bee", "cat"]


def written(folder: Path, rows_a_group: int, **changed: pl.Expr) -> Path:
    path = folder / "rows.parquet"
    frame().with_columns(**changed).write_parquet(path, row_group_size=rows_a_group, compression="uncompressed")
    return path


def parts_of(*paths: Path) -> list[ParquetPart]:
    parts = list(open_files(paths).number_parts)
    assert all(isinstance(part, ParquetPart) for part in parts)
    return parts  # type: ignore[return-value]


@pytest.mark.parametrize("rows_a_group", [1, 7, 100, 1000])
@pytest.mark.parametrize("reader", ["pyarrow", "polars"])
def test_small_row_groups_are_read_together(rows_a_group: int, reader: str, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(parquet, "_NUMBERS_BYTES", 12_000)  # of 5 columns: 300 rows
    if reader == "polars":
        monkeypatch.setattr(parquet.importlib.util, "find_spec", lambda name: None)
        monkeypatch.setitem(sys.modules, "pyarrow", None)
        monkeypatch.setattr(polars_parquet, "_SPAN", rows_a_group)
    path = written(tmp_path, rows_a_group)
    parts = pickle.loads(pickle.dumps(parts_of(path)))
    assert [part.first_row for part in parts] == np.cumsum([0, *(part.n_rows for part in parts[:-1])]).tolist()
    assert len(parts) == {1: 3, 7: 3, 100: 3, 1000: 1}[rows_a_group]
    for part in parts:
        expected = frame()[part.first_row : part.first_row + part.n_rows]
        assert pl.concat(part.frames(COLUMNS)).equals(expected)


def test_row_groups_of_a_usual_size_are_parts_of_their_own(tmp_path: Path) -> None:
    table = pl.DataFrame({name: np.zeros(300_000) for name in "abcdefghij"})
    table.write_parquet(tmp_path / "a.parquet", row_group_size=100_000)
    assert [part.n_rows for part in parts_of(tmp_path / "a.parquet")] == [100_000, 100_000, 100_000]


@pytest.mark.slow
def test_lists_that_are_packed_to_nothing_are_several_parts_all_the_same(tmp_path: Path) -> None:
    table = pl.DataFrame({"p": pl.Series([[0.0, 1.0]] * 600_000), "y": np.zeros(600_000)})
    table.write_parquet(tmp_path / "a.parquet", row_group_size=100_000)
    assert [part.n_rows for part in parts_of(tmp_path / "a.parquet")] == [200_000, 200_000, 200_000]


def test_no_part_reaches_into_another_file(tmp_path: Path) -> None:
    for name in ("a", "b"):
        frame().write_parquet(tmp_path / f"{name}.parquet", row_group_size=10)
    parts = parts_of(tmp_path / "a.parquet", tmp_path / "b.parquet")
    assert [(part.first_row, part.n_rows) for part in parts] == [(0, N), (N, N)]
    assert parts[1].where == f"{tmp_path / 'b.parquet'}, row groups 0 to 69"
    assert parts[1].where_of(N + 15) == f"{tmp_path / 'b.parquet'}, row group 1"


def test_lists_weigh_what_they_weigh_in_the_file(tmp_path: Path, monkeypatch) -> None:
    probs = np.random.default_rng(0).random((400, 500))
    pl.DataFrame({"y": [0] * 400, "p": probs.tolist()}).write_parquet(tmp_path / "a.parquet", row_group_size=10)
    monkeypatch.setattr(parquet, "_NUMBERS_BYTES", 10**6)
    assert 2 <= len(parts_of(tmp_path / "a.parquet")) <= 4


def test_a_file_without_row_groups_has_no_part(tmp_path: Path) -> None:
    frame()[:0].write_parquet(tmp_path / "a.parquet")
    assert sum(part.n_rows for part in parts_of(tmp_path / "a.parquet")) == 0


ROW = pl.int_range(pl.len()) == 307


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"y": pl.when(ROW).then(None).otherwise("y")}, LabelsError),
        ({"y": pl.when(ROW).then(pl.lit("dog")).otherwise("y")}, LabelsError),
        ({"bee": pl.when(ROW).then(2.0).otherwise("bee")}, ProbsError),
    ],
)
@pytest.mark.parametrize("stream", [dechaff.labels.stream_confident_learning, dechaff.labels.stream_label_errors])
def test_a_bad_row_is_named_with_its_own_row_group(changed: dict[str, pl.Expr], error, stream, tmp_path: Path) -> None:
    written(tmp_path, 10, **changed)
    frame().drop("id").with_columns(**changed).write_parquet(tmp_path / "rows.parquet", row_group_size=10)
    with pytest.raises(error, match=r"in row 307 \(.*rows.parquet, row group 30\)"):
        stream("y", tmp_path / "rows.parquet", out=tmp_path / "out")


def test_a_damaged_row_group_is_named_among_its_neighbours(tmp_path: Path) -> None:
    path = written(tmp_path, 100)
    data = bytearray(path.read_bytes())
    third = data.find(b"r250", data.find(b"r200"))
    data[third - 200 : third + 1500] = b"\xff" * 1700
    path.write_bytes(bytes(data))
    (part,) = parts_of(path)
    with pytest.raises(DataError, match=r"rows.parquet, row group 2: the Parquet file is truncated"):
        list(part.frames(COLUMNS))


def test_a_stream_of_small_row_groups_writes_one_file(tmp_path: Path) -> None:
    frame().drop("id").write_parquet(tmp_path / "rows.parquet", row_group_size=1)
    found = dechaff.labels.stream_confident_learning("y", tmp_path / "rows.parquet", out=tmp_path / "out")
    assert [path.name for path in found.paths] == [f"rows-{0:012d}-{N:012d}.parquet"]
    assert len(open_label_stream(tmp_path / "rows.parquet", "y").rows) == 1
