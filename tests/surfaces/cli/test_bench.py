"""``dechaff bench noise``: the tables, the files, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dechaff.recipe.noise_benchmark.methods import METHODS
from dechaff.surfaces.cli.main import main

SMALL = ["bench", "noise", "digits", "--rates", "0", "--rates", "0.4", "--sparsities", "0", "--seeds", "1"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path / "noise-benchmark"


@pytest.mark.slow
def test_the_tables_the_verdict_and_the_files(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = [*SMALL, "--rows", "200", "--jobs", "1"]
    assert main(command) == 0
    captured = capsys.readouterr()
    for method in METHODS:
        assert method.name.split()[0] in captured.out
    assert "of 2 cells with noise, the best method that changes the data" in " ".join(captured.out.split())
    assert "open noise-benchmark/chart.svg" in captured.err
    assert {"runs.parquet", "methods.parquet", "cells.parquet", "chart.svg"} <= {one.name for one in folder.iterdir()}
    assert main([*command, "--json", "--quiet"]) == 0
    captured = capsys.readouterr()
    found = json.loads(captured.out)
    assert (len(found["methods"]), len(found["cells"])) == (len(METHODS), 3)
    assert found["verdict"]["n_noisy"] == 2
    assert captured.err == ""


def test_a_wrong_use_is_explained(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "noise", "nothing.csv"]) == 2
    assert "nothing.csv" in capsys.readouterr().err
    assert main(["bench", "speed"]) == 2
    assert main(["bench", "noise", "--seeds", "0"]) == 2
    assert "n_seeds must be a whole number, 1 or more" in capsys.readouterr().err
    assert not folder.exists()
