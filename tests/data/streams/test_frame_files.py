from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from dechaff.core.source import RowSpan
from dechaff.data.streams.frame_files import ParquetSink, ScratchSink
from dechaff.errors import RunError


def test_codes_are_written_as_what_they_stand_for(tmp_path: Path) -> None:
    sink = ParquetSink(tmp_path, {"given": pl.Series(["ant", "bee"])})
    sink.write(RowSpan(5, 3), {"given": np.array([1, 0, 1]), "id": np.array(["a", None, "c"], dtype=object)})
    found = pl.read_parquet(tmp_path / "rows-000000000005-000000000008.parquet")
    assert found.rows() == [("bee", "a"), ("ant", None), ("bee", "c")]


def test_codes_that_stand_for_themselves_keep_the_type_of_the_classes(tmp_path: Path) -> None:
    classes = pl.Series([0, 1, 2]).shrink_dtype()
    sink = ParquetSink(tmp_path, {"given": classes})
    sink.write(RowSpan(0, 3), {"given": np.array([2, 0, 1], dtype=np.uint16)})
    (path,) = sink.paths()
    found = pl.read_parquet(path)
    assert found["given"].to_list() == [2, 0, 1]
    assert found["given"].dtype == classes.dtype


@pytest.mark.parametrize("sink", [ParquetSink, ScratchSink])
@pytest.mark.parametrize("kind", [OSError, pl.exceptions.ComputeError])
def test_a_disk_that_fills_up_under_polars_is_told(kind, sink, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(frame: pl.DataFrame, stream: object, **options: object) -> None:
        raise kind("underlying IO error: No space left on device (os error 28)")

    monkeypatch.setattr(pl.DataFrame, "write_parquet", full)
    monkeypatch.setattr(pl.DataFrame, "write_ipc", full)
    with pytest.raises(RunError, match=r"No space left .*the disk is full"):
        sink(tmp_path).write(RowSpan(0, 1), {"score": np.zeros(1)})
    assert not list(tmp_path.iterdir())


def test_what_was_written_is_a_source_with_row_numbers(tmp_path: Path) -> None:
    sink = ScratchSink(tmp_path)
    sink.write(RowSpan(3, 2), {"odds": np.array([0.5, 1.5]), "doubted": np.array([True, False])})
    sink.write(RowSpan(0, 3), {"odds": np.array([1.0, 2.0, 3.0]), "doubted": np.array([True, False, True])})
    source = sink.written(5)
    chunks = list(source.chunks(["row", "doubted", "odds"]))
    assert np.concatenate([chunk["row"] for chunk in chunks]).tolist() == [0, 1, 2, 3, 4]
    assert np.concatenate([chunk["odds"] for chunk in chunks]).tolist() == [1, 2, 3, 0.5, 1.5]
    assert np.concatenate([chunk["doubted"] for chunk in chunks]).dtype == bool


@pytest.mark.parametrize("spans", [[(0, 3)], [(0, 3), (4, 1)], [(0, 3), (2, 3)], []])
def test_answers_that_do_not_cover_all_rows_once_are_refused(spans: list[tuple[int, int]], tmp_path: Path) -> None:
    sink = ScratchSink(tmp_path)
    for first, n in spans:
        sink.write(RowSpan(first, n), {"odds": np.zeros(n)})
    with pytest.raises(RunError, match="do not cover 5 rows once each"):
        sink.written(5)
