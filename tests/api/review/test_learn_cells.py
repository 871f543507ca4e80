"""Reviews of cells improve the other findings about cells, in Python and on the command line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import dechaff
from dechaff.errors import InputError
from dechaff.surfaces.cli.main import main


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Cortland is a town of its own that looks like a typing error of Portland; Hambrug is one of Hamburg."""
    rng, folder = np.random.default_rng(0), tmp_path_factory.mktemp("made")
    town = rng.choice(["Portland", "Hamburg"], 200).astype(object)
    town[[5, 25, 45, 65]], town[[7, 9]] = "Cortland", "Hambrug"
    rows = {"id": [f"r{row}" for row in range(200)], "town": town.tolist(), "guests": rng.normal(50, 9, 200).round(1)}
    pl.DataFrame({**rows, "kind": rng.choice(["a", "b"], 200)}).write_csv(folder / "rows.csv")
    dechaff.audit(folder / "rows.csv", label="kind", skip="D002,O001", id="id", threads=1)
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def ids_of(audit: dechaff.Audit) -> dict[str, str]:
    return {item.row: item.finding_id for item in audit.queue(codes="C001").items}


def test_a_value_that_reviewers_kept_is_no_error_in_other_rows(folder: Path) -> None:
    audit = dechaff.open_run("rows.dechaff", source="rows.csv")
    before = ids_of(audit)
    assert sorted(before) == ["r25", "r45", "r5", "r65", "r7", "r9"]
    for row in ("r5", "r25", "r45"):
        audit.decide(before[row], "keep", reviewer="ann")
    learned = audit.learn()
    assert (learned.version.kind, learned.version.reviews) == ("cells", 3)
    assert [one.row for one in learned.gone] == ["r65"]
    assert learned.new == ()
    assert ids_of(audit) == {row: name for row, name in before.items() if row != "r65"}, "decided findings stay"
    scores = dict(audit.scores.select("row", "C001_flag").rows())
    assert (scores["r65"], scores["r5"], scores["r7"]) == (False, False, True)
    assert next(one.findings for one in audit.metrics.checks if one.code == "C001") == 5
    kept = pl.read_parquet("rows.dechaff/versions/0/findings.parquet")
    assert len(kept.filter(pl.col("code") == "C001")) == 6
    learned = audit.learn()
    assert (learned.new, learned.gone) == ((), ()), "no review counts twice"


def test_dechaff_learn_finds_cells_like_a_corrected_one(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    audit = dechaff.open_run("rows.dechaff", source="rows.csv")
    audit.decide("r12", "edit", field="town", to="Bremen", reviewer="ann")
    found = ids_of(audit)
    audit.decide(found["r7"], "edit", to="Hamburg", reviewer="ann")
    capsys.readouterr()
    assert main(["learn", "rows.dechaff", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["version"]["reviews"] == 2
    assert main(["learn", "rows.dechaff", "--quiet"]) == 0
    assert "0 findings new, 0 findings gone." in capsys.readouterr().out
    assert main(["check", "rows.csv", "--rules", "rows.dechaff"]) == 1


def test_without_reviews_learning_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(InputError, match="scores of labels"):
        dechaff.open_run("rows.dechaff").learn()
    assert main(["learn", "rows.dechaff"]) == 2
    assert "scores of labels" in capsys.readouterr().err
