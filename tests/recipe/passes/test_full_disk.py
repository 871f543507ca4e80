from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path

import numpy as np
import pytest
from polars.exceptions import ComputeError

import dechaff
from dechaff.errors import DechaffError, RunError
from dechaff.recipe.outcome.row_store import RowStore, explain_full_disk
from tests.recipe.passes.reviews import LEAST, folder, out_of_core, rows, write_csv


def full(*given: object, **named: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        OSError("1000 requested and 72 written"),  # as numpy says it
        ComputeError("underlying IO error: No space left on device (os error 28)"),
        sqlite3.OperationalError("database or disk is full"),
    ],
)
def test_a_full_disk_is_named_whoever_meets_it(error: Exception, tmp_path: Path) -> None:
    with (
        pytest.raises(RunError, match=r"the disk is full.\nFree .*; go on\."),
        explain_full_disk(tmp_path, "go on"),
    ):
        raise error


def test_other_errors_stay_what_they_are(tmp_path: Path) -> None:
    with pytest.raises(PermissionError), explain_full_disk(tmp_path, "go on"):
        raise PermissionError(errno.EACCES, "Permission denied")


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="room is not asked for beforehand")
def test_a_file_system_that_reserves_nothing_does_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unheard_of(*given: object) -> None:
        raise OSError(errno.EOPNOTSUPP, "Operation not supported")

    monkeypatch.setattr(os, "posix_fallocate", unheard_of)
    assert RowStore(tmp_path, 3).make("x", np.int64, 7).tolist() == [7, 7, 7]


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="room is not asked for beforehand")
def test_a_run_that_met_a_full_disk_goes_on_once_there_is_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out_of_core()
    source, run = folder() / "reviews.csv", tmp_path / "run"
    room = iter(range(3))  # for what the first pass keeps of each row

    with monkeypatch.context() as patched:
        patched.setattr(os, "posix_fallocate", lambda *given: full() if next(room, None) is None else None)
        with pytest.raises(RunError, match="the disk is full"):
            dechaff.audit(source, label="label", memory=LEAST, out=run, threads=1)
    assert not (run / "options.json").exists()
    told: list[str] = []
    dechaff.audit(source, label="label", memory=LEAST, out=run, threads=1, progress=lambda step, *_: told.append(step))
    assert "audit of the sample: finished before, not done again" in told
    assert (run / "findings.parquet").read_bytes() == (out_of_core().folder / "findings.parquet").read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("place", ["os.fsync", "dechaff.data.formats.csv.CsvForm.writer"])
@pytest.mark.parametrize("there", [False, True])
def test_a_full_disk_leaves_neither_improved_files_nor_a_folder(
    there: bool, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list of changes reaches the disk first, then the files do; all of them take their names after that."""
    data, new = tmp_path / "data", tmp_path / "made" / "new"
    data.mkdir()
    for part in range(2):
        write_csv(data / f"{part}.csv", rows()[0][part * 450 : (part + 1) * 450])
    audit = dechaff.audit(data, label="label", memory=LEAST, out=tmp_path / "run", threads=1)
    if there:
        new.mkdir(parents=True)
    before = sorted(tmp_path.rglob("*"))
    with monkeypatch.context() as patched:
        patched.setattr(place, full)
        with pytest.raises(RunError, match=r"the disk is full .*\n.*not written, and the input is untouched"):
            audit.apply(new)
    assert sorted(tmp_path.rglob("*")) == before
    audit.apply(new)
    assert sorted(path.name for path in new.iterdir()) == ["0.csv", "1.csv"]
    assert (tmp_path / "made" / "new.changes.csv").read_text().count("\n") == len(audit.changes) + 1


def test_a_folder_is_not_made_for_data_that_have_changed(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    for part in range(2):
        write_csv(data / f"{part}.csv", rows()[0][part * 450 : (part + 1) * 450])
    audit = dechaff.audit(data, label="label", out=tmp_path / "run", threads=1)
    write_csv(data / "1.csv", rows()[0][:450])
    with pytest.raises(DechaffError):
        audit.apply(tmp_path / "new")
    assert not (tmp_path / "new").exists()
