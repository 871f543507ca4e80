"""Labelled positives on the command line."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import numpy as np
import pytest

from dechaff.surfaces.cli.main import main


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with 160 rows, of which some that say 'yes' are labelled positives."""
    random = np.random.default_rng(1)
    y = random.random(160) < 0.5
    x = (random.normal(size=160) + 6 * y).round(4)
    labels = np.where(y & (random.random(160) < 0.5), "yes", "no")
    lines = [f"{one},{label}" for one, label in zip(x, labels, strict=True)]
    (tmp_path / "data.csv").write_text("\n".join(["x,contains_x", *lines]) + "\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.slow
def test_from_the_file_to_the_completed_labels(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pu = ["pu", "data.csv", "--label", "contains_x", "--positive", "yes"]
    assert main([*pu, "--policy", "bold", "--fail-on", "P001:1%"]) == 1
    captured = capsys.readouterr()
    assert "rows without 'yes'" in " ".join(captured.out.split())
    assert "consensus" in captured.out
    assert "Gate failed: P001" in captured.err
    assert "Next: dechaff report data.dechaff --open" in captured.err
    assert main(["apply", "data.dechaff", "-o", "improved.csv"]) == 0
    assert "Next: dechaff log data.dechaff" in capsys.readouterr().err
    assert main(["report", "data.dechaff", "--format", "md"]) == 0
    report = capsys.readouterr().out
    assert "How many are positive" in report
    command = report.split("| command | `")[1].split("`")[0]
    assert shlex.split(command)[1:7] == [*pu[:2], "--label", "contains_x", "--positive", "yes"]


@pytest.mark.slow
def test_json_is_the_whole_of_stdout(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pu", "data.csv", "--label", "contains_x", "--positive", "yes", "--json", "--quiet"]) == 0
    captured = capsys.readouterr()
    printed = json.loads(captured.out)
    assert printed["positives"]["positive"] == "yes"
    assert [check["code"] for check in printed["checks"]][-2:] == ["P001", "P002"]
    assert captured.err == ""


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--label", "contains_x"], "Name that value: --positive 'yes'"),
        (["--label", "contains_x", "--positive", "yess"], "Did you mean 'yes'?"),
        (["--label", "contain"], "Did you mean 'contains_x'?"),
        (["--label", "contains_x", "--scheme", "other"], 'Choose from: "single-training-set", "case-control"'),
    ],
)
def test_what_cannot_be_used_ends_with_code_2_and_what_to_do(
    options: list[str], words: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["pu", "data.csv", *options]) == 2
    assert words in capsys.readouterr().err
    assert not (here / "data.dechaff").exists()
