"""A run folder: whole or as it was, and clear about what is spoiled."""

from __future__ import annotations

import errno
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from dechaff._version import __version__
from dechaff.errors import RunError
from dechaff.records.metrics import Metrics
from dechaff.records.run import (
    MODEL,
    Run,
    RunContent,
    begin_run,
    read_model_facts,
    read_run,
    write_model_facts,
    write_run,
)


def _write(folder: Path, name: str) -> Run:
    begin_run(folder)
    work = folder.parent / "work"
    work.mkdir(exist_ok=True)
    for table in ("findings", "scores"):
        pl.DataFrame({"row": [name]}).write_parquet(work / f"{table}.parquet")
    shutil.rmtree(folder / "passes")
    return write_run(folder, work, [], lambda: RunContent({"source": name}, Metrics(dechaff=name), {}))


def test_a_disk_that_fills_up_leaves_the_older_run_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "run"
    _write(folder, "old")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    left = [3]

    def full(_handle: int) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RunError, match="disk is full"):
        _write(folder, "new")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize(
    "spoil", [lambda path: path.unlink(), lambda path: path.write_bytes(b"xx")], ids=["gone", "cut"]
)
@pytest.mark.parametrize("name", ["findings", "scores"])
def test_a_spoiled_table_of_a_run_is_named(tmp_path: Path, name: str, spoil: object) -> None:
    _write(tmp_path / "run", "one")
    spoil(tmp_path / "run" / f"{name}.parquet")  # type: ignore[operator]
    with pytest.raises(RunError, match=rf"{name}\.parquet as the Parquet file that an audit wrote"):
        getattr(read_run(tmp_path / "run"), name)


@dataclass(frozen=True)
class Facts:
    name: str
    class_names: tuple[str, ...]


FACTS = Facts("wörds", ("a", "ü"))


def test_the_run_of_a_newer_version_is_refused_and_that_of_a_newer_patch_is_read(tmp_path):
    folder = tmp_path / "run"
    _write(folder, "x")
    options = json.loads((folder / "options.json").read_text())
    (folder / "options.json").write_text(json.dumps(options | {"environment": {"dechaff": f"{__version__}9"}}))
    assert read_run(folder).folder == folder
    (folder / "options.json").write_text(json.dumps(options | {"environment": {"dechaff": "9.0.0"}}))
    with pytest.raises(RunError, match=r"was written by dechaff 9\.0\.0, a newer version than this one"):
        read_run(folder)


def test_facts_come_back_as_they_were(tmp_path):
    write_model_facts(tmp_path, FACTS)
    (tmp_path / MODEL).write_bytes(b"")
    assert read_model_facts(tmp_path, Facts) == FACTS


@pytest.mark.parametrize("present", ["facts", "model", "neither"])
def test_a_run_without_a_whole_model_says_how_to_get_one(tmp_path, present):
    if present == "facts":
        write_model_facts(tmp_path, FACTS)
    if present == "model":
        (tmp_path / MODEL).write_bytes(b"")
    with pytest.raises(RunError, match="holds no model") as error:
        read_model_facts(tmp_path, Facts)
    assert "dechaff recipe" in str(error.value)


def test_spoiled_facts_are_named(tmp_path):
    (tmp_path / MODEL).write_bytes(b"")
    (tmp_path / "model.json").write_text('{"name": ')
    with pytest.raises(RunError, match="as the JSON"):
        read_model_facts(tmp_path, Facts)
