"""The study of a curriculum on the command line."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import numpy as np
import pytest

from dechaff.surfaces.cli.main import main

CURRICULUM = ["curriculum", "data.csv", "--label", "kind"]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """200 rows with some wrong labels, and 60 more with right ones."""
    random = np.random.default_rng(1)
    y = random.integers(0, 2, 260)
    points = (random.normal(size=(260, 2)) + 4 * y[:, None]).round(4)
    given = np.where((random.random(260) < 0.2) & (np.arange(260) < 200), 1 - y, y)
    lines = [
        f"r{row},{a},{b},{['no', 'yes'][label]}" for row, ((a, b), label) in enumerate(zip(points, given, strict=True))
    ]
    (tmp_path / "data.csv").write_text("\n".join(["name,a,b,kind", *lines[:200]]) + "\n")
    (tmp_path / "test.csv").write_text("\n".join(["name,a,b,kind", *lines[200:]]) + "\n")
    (tmp_path / "one.csv").write_text("\n".join(["name,a,b,kind", *(one for one in lines if one.endswith("yes"))]))
    (tmp_path / "few.csv").write_text("\n".join(["name,a,b,kind", *lines[:7]]) + "\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_from_the_file_to_the_report(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*CURRICULUM, "--id", "name", "--test", "test.csv", "--seeds", "2", "--fail-on", "L001:1"]) == 1
    captured = capsys.readouterr()
    shown = " ".join(captured.out.split())
    for words in (
        "Hardest rows row label hardness most probable class r",
        "Easiest rows",
        "held-out training rows, never by test rows",
        "← chosen",
        "no pacing: all rows",
        "random order, same pacing",
        "effect of the order",
        "On 60 test rows, 2 seeds",
    ):
        assert words in shown
    assert "Gate failed: L001" in captured.err
    assert "Next: dechaff report data.dechaff --open" in captured.err
    assert main(["report", "data.dechaff", "--format", "md"]) == 0
    report = capsys.readouterr().out
    assert "## Curriculum" in report
    command = report.split("| command | `")[1].split("`")[0]
    assert shlex.split(command)[1:5] == CURRICULUM
    assert "--seeds 2" in command
    assert 'id="curriculum"' in (here / "data.dechaff" / "report.html").read_text()
    assert main(["apply", "data.dechaff", "-o", "improved.csv"]) == 0


@pytest.mark.slow
def test_without_test_rows_a_fifth_is_held_out_and_the_reader_is_warned(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*CURRICULUM, "--seeds", "2", "--json", "--quiet"]) == 0
    captured = capsys.readouterr()
    found = json.loads(captured.out)["curriculum"]
    assert captured.err == ""
    assert found["compared"]["n_test"] == 40
    assert "labels may be wrong too" in found["note"]
    assert len(found["hardest"]) == len(found["easiest"]) == 10
    assert found["hardest"][0]["hardness"] > 0.5 > 0.2 > found["easiest"][0]["hardness"]
    assert sum(one["chosen"] for one in found["pacings"]) == 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([*CURRICULUM, "--seeds", "1"], "--seeds must be at least 2"),
        ([*CURRICULUM[:3], "kinds"], "Did you mean 'kind'?"),
        (["curriculum", "one.csv", "--label", "kind"], "contain at least two classes"),
        (["curriculum", "few.csv", "--label", "kind"], "at least 10 rows with labels"),
        (["curriculum", "none.csv", "--label", "kind"], "none.csv"),
        ([*CURRICULUM, "--model", "sklearn.linear_model:LogisticRegression"], "train by steps"),
        ([*CURRICULUM, "--test", "test.csv", "--test-size", "0.5"], "--test"),
        ([*CURRICULUM, "--out", "mine"], "mine"),
    ],
)
def test_what_cannot_be_used_ends_with_code_2_and_what_to_do(
    options: list[str], words: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "mine").mkdir()
    (here / "mine" / "notes.txt").write_text("mine")
    assert main(options) == 2
    assert words in " ".join(capsys.readouterr().err.split())
    assert not list(here.glob("*.dechaff"))
