"""``dechaff engine``: a turn on the command line, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from dechaff.surfaces.cli.main import main

RUN = ["--model", "sklearn.linear_model:LogisticRegression", "--threads", "1", "--quiet"]


def _write(path: Path, low: float, high: float, n: int) -> None:
    """Rows of which those above 2 are of a class that training lacks."""
    x = np.random.default_rng(n).uniform(low, high, n).round(6)
    label = np.where(x > 2, "new", np.where(x > 0, "high", "low"))
    pl.DataFrame({"x": x, "label": label}).write_csv(path)


def test_a_turn_on_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    _write(Path("train.csv"), -2, 2, 150)
    for name, n in (("test", 151), ("served", 240), ("pool", 200)):
        _write(Path(f"{name}.csv"), -2, 3, n)
    pl.read_csv("pool.csv").drop("label").write_csv("unlabelled.csv")
    assert main(["engine", "init", "run", "--data", "train.csv", "--test", "test.csv", "--label", "label", *RUN]) == 0
    assert main(["engine", "mine", "run", "--served", "served.csv"]) == 0
    assert main(["engine", "ask", "run", "--pool", "unlabelled.csv", "-n", "20"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "A data engine with 150 training rows" in out
    assert "20 rows to label: unlabelled_to_label.csv" in out
    asked = pl.read_csv("unlabelled_to_label.csv").drop("label").join(pl.read_csv("pool.csv"), on="x", how="left")
    asked.write_csv("labelled.csv")
    assert main(["engine", "learn", "run", "labelled.csv", "--seeds", "3", "--threads", "1", "--json"]) == 0
    learnt = json.loads(capsys.readouterr().out)
    assert learnt["kept"]
    assert main(["engine", "turns", "run", "--json"]) == 0
    assert [one["state"] for one in json.loads(capsys.readouterr().out)] == ["kept", "holds"]
    assert main(["engine", "reproduce", "run", "1"]) == 0
    assert learnt["model"] in "".join(capsys.readouterr().out.split())
    assert main(["engine", "back", "run"]) == 0
    assert "Turn 1 was taken back" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["mine", "run"], "--served must name a file"),
        (["turns", "run", "--pool", "pool.csv"], "--pool must be an option of the action"),
        (["learn", "run"], "must be followed by the folder and a labelled file"),
        (["reproduce", "run", "last"], "the number of a turn"),
        (["turns", "run"], "There is no data engine in run"),
    ],
)
def test_what_does_not_fit_the_action_is_refused(
    words: list[str], error: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["engine", *words]) == 2
    assert error in " ".join(capsys.readouterr().err.split())
    assert list(tmp_path.iterdir()) == []
