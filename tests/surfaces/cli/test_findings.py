"""All findings can be listed, filtered and written, and every sheet shows the rows that it is about."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from dechaff.records.decided_rows import row_names
from dechaff.records.run import read_run
from dechaff.surfaces.cli.main import main

MODEL = ["--model", "sklearn.linear_model:LogisticRegression"]


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("findings")
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 80))
    x += np.sign(x)
    label = np.where(x > 0, "high", "low")
    label[:4] = np.where(x[:4] > 0, "low", "high")
    note = [f"=1+{row}" for row in range(80)]
    x[71], y[71], label[71], note[71] = x[70], y[70], label[70], note[70]
    table = pl.DataFrame({"key": [f"k{row}" for row in range(80)], "x": x, "y": y, "row": note, "label": label})
    table.write_csv(folder / "d.csv")
    flags = ["--label", "label", "--id", "key", "--drop", "row", "--quiet", "--out", str(folder / "d.dechaff")]
    assert main(["audit", str(folder / "d.csv"), *flags, *MODEL]) == 0
    return folder


@pytest.fixture
def run(audited: Path) -> str:
    return str(audited / "d.dechaff")


def _csv(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(text.splitlines()))


def test_findings_are_listed_by_code_classes_row_and_score(run: str, capsys: pytest.CaptureFixture[str]) -> None:
    every = read_run(run).findings
    assert main(["findings", run, "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == every.height
    filters = ["--code", "l001", "--given", "high", "--suggested", "low", "--score", "0.5"]
    assert main(["findings", run, *filters, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    wanted = every.filter(
        (pl.col("code") == "L001")
        & (pl.col("given") == "high")
        & (pl.col("suggested") == "low")
        & (pl.col("score") >= 0.5)
    )
    assert [one["finding_id"] for one in found] == wanted["finding_id"].to_list()
    assert found
    assert main(["findings", run, "--row", "k71", "--json"]) == 0
    assert {one["row"] for one in json.loads(capsys.readouterr().out)} == {"k71"}


def test_the_table_says_how_many_there_are(run: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["findings", run, "--limit", "1"]) == 0
    n = read_run(run).findings.height
    assert capsys.readouterr().out.splitlines()[-1] == f"{n} findings, 1 of them shown"


@pytest.mark.parametrize(
    ("flags", "words"), [(["--code", "L9"], "L001"), (["--given", "lo"], "high, low"), (["--limit", "-1"], "--limit")]
)
def test_a_filter_that_can_find_nothing_is_refused(
    run: str, flags: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["findings", run, *flags]) == 2
    assert words in capsys.readouterr().err


def test_the_sheet_of_findings_holds_the_row_and_its_group_and_no_formula(
    run: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["findings", run, "--csv"]) == 0
    lines = _csv(capsys.readouterr().out)
    about = next(line for line in lines if line["code"] == "D001")
    assert (about["row"], about["row (data)"], about["group"] != "") == ("k71", "'=1+70", True)
    assert "key" not in about
    assert float(about["x"]) == pl.read_csv(Path(run).parent / "d.csv")["x"][71]


def test_the_sheet_of_decisions_holds_them_too_and_comes_back(run: str, tmp_path: Path) -> None:
    here = tmp_path / "d.dechaff"
    shutil.copytree(run, here)
    shutil.copy(Path(run).parent / "d.csv", tmp_path)
    assert main(["apply", str(here), "--export-decisions", str(tmp_path / "out.csv")]) == 0
    lines = _csv((tmp_path / "out.csv").read_text())
    copy = next(line for line in lines if line["row"] == "k71")
    assert copy["row (data)"] == "'=1+70"
    assert copy["group"]
    assert main(["apply", str(here), "--decisions", str(tmp_path / "out.csv"), "-o", str(tmp_path / "new.csv")]) == 0
    assert not read_run(here).reviewer_events


def test_without_the_data_the_sheets_are_written_without_them(run: str, tmp_path: Path) -> None:
    shutil.copytree(run, tmp_path / "alone.dechaff")
    options = tmp_path / "alone.dechaff" / "options.json"
    options.write_text(options.read_text().replace("d.csv", "gone.csv"))
    assert main(["findings", str(tmp_path / "alone.dechaff"), "-o", str(tmp_path / "f.csv")]) == 0
    assert "row (data)" not in (tmp_path / "f.csv").read_text()


def test_an_output_that_is_refused_leaves_nothing_decided(
    run: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here = tmp_path / "d.dechaff"
    shutil.copytree(run, here)
    (tmp_path / "taken.csv").write_text("mine")
    (tmp_path / "said.csv").write_text("row,action,label\nk9,drop,\n")
    before = read_run(here).events()
    assert main(["apply", str(here), "--decisions", str(tmp_path / "said.csv"), "-o", str(tmp_path / "taken.csv")]) == 2
    assert "taken.csv" in capsys.readouterr().err
    assert read_run(here).events() == before


def test_a_line_of_two_rows_is_refused_and_an_unknown_action_is_given_all_that_there_are(
    run: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key = row_names(read_run(run).scores_path, ["k5"])["key"][0]
    said = tmp_path / "said.csv"
    apply = ["apply", run, "--decisions", str(said), "-o", str(tmp_path / "new.csv")]
    said.write_text(f"row,action,label,key\nk6,drop,,{key}\n")
    assert main(apply) == 2
    assert "row 'k6' and the key of row 'k5'" in capsys.readouterr().err
    said.write_text("row,action,label\nk6,relable,\n")
    assert main(apply) == 2
    assert "relabel, keep, drop, review" in capsys.readouterr().err


def test_python_runs_the_package_as_a_command() -> None:
    done = subprocess.run([sys.executable, "-m", "dechaff", "--version"], capture_output=True, text=True, check=False)
    assert done.stdout.startswith("dechaff ")
