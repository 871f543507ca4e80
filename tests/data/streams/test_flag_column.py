from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from dechaff.core.files import write_inside
from dechaff.data.streams import flag_column
from dechaff.data.streams.flag_column import set_flags, write_unflagged
from dechaff.errors import RunError


def scores(n: int) -> pl.DataFrame:
    random = np.random.default_rng(0)
    kinds = pl.Series(["ant", "bee"]).gather(random.integers(0, 2, n))
    return pl.DataFrame({"row": np.arange(n), "given": kinds, "score": random.random(n)})


def some_flags(n: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).random(n) < 0.2


@pytest.mark.parametrize("n", [0, 1, 9, 8191, 8192, 8195, 70_001])
def test_flags_are_set_and_nothing_else_changes(n: int, tmp_path: Path) -> None:
    path, frame = tmp_path / "scores.parquet", scores(n)
    write_unflagged(path, frame)
    for seed in (1, 2):
        set_flags(path, some_flags(n, seed))
        assert pl.read_parquet(path).equals(frame.with_columns(flag=pl.Series(some_flags(n, seed), dtype=pl.Boolean)))


def test_many_flags_are_set_in_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "scores.parquet"
    write_unflagged(path, scores(20_000))
    monkeypatch.setattr(flag_column, "write_frame", None)
    set_flags(path, some_flags(20_000))
    assert pl.read_parquet(path)["flag"].to_numpy().tolist() == some_flags(20_000).tolist()


def test_flags_that_a_killed_process_has_half_set_are_set(tmp_path: Path) -> None:
    path, frame = tmp_path / "scores.parquet", scores(20_000)
    write_unflagged(path, frame)
    place = flag_column._waiting_place(path, 20_000)
    assert place is not None
    write_inside(path, place, b"\0" * 700)
    set_flags(path, some_flags(20_000))
    assert pl.read_parquet(path).equals(frame.with_columns(flag=pl.Series(some_flags(20_000))))


def test_a_file_of_another_layout_is_written_anew(tmp_path: Path) -> None:
    path, frame = tmp_path / "scores.parquet", scores(20_000)
    frame.with_columns(flag=pl.lit(value=True)).write_parquet(path, row_group_size=3000)
    set_flags(path, some_flags(20_000))
    assert pl.read_parquet(path).equals(frame.with_columns(flag=pl.Series(some_flags(20_000))))


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"scores.parquet must be writable"):
        write_inside(tmp_path / "scores.parquet", 0, b"1")
