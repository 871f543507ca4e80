"""A proof finds the sealed rows of the audit, and is shown in its report."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.linear_model import LogisticRegression

import dechaff
from dechaff.errors import InputError, SourceChangedError
from dechaff.records.run import read_run

MODEL = LogisticRegression()


def _rows(n: int, seed: int, wrong: float = 0.1) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 2)).round(6)
    true = x[:, 0] > 0
    label = np.where(true ^ (rng.random(n) < wrong), "high", "low")
    return pl.DataFrame({"x": x[:, 0], "y": x[:, 1], "label": label})


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs")
    _rows(200, 0).write_csv(folder / "d.csv")
    _rows(80, 1, 0.0).write_csv(folder / "t.csv")
    found = dechaff.audit(folder / "d.csv", label="label", test_size=0.25, model=MODEL)
    found.apply(folder / "improved.csv")
    return folder


@pytest.fixture
def here(audited: Path, tmp_path: Path) -> Path:
    shutil.copytree(audited, tmp_path / "here")
    for run in (tmp_path / "here").glob("*.dechaff"):
        text = (run / "options.json").read_text()
        (run / "options.json").write_text(text.replace(str(audited), str(tmp_path / "here")))
    return tmp_path / "here"


def test_the_held_out_rows_are_written_and_their_labels_are_those_of_the_file(here: Path) -> None:
    held, every = pl.read_csv(here / "d.dechaff" / "held_out.csv"), pl.read_csv(here / "d.csv")
    assert held.height == 50
    assert held.join(every, on=["x", "y", "label"], how="semi").height == 50
    assert held.columns == every.columns


def test_without_a_test_file_the_proof_uses_the_rows_that_the_audit_sealed(here: Path) -> None:
    proof = dechaff.prove(here / "d.csv", here / "improved.csv", model=MODEL, seeds=2)
    assert (proof.test.rows, proof.test.leaks_left_out) == (50, 0)
    changes = dechaff.open_run(here / "d.dechaff").changes["change"].to_list()
    assert (proof.changes.dropped, proof.changes.relabelled) == (
        changes.count("dropped"),
        changes.count("relabelled"),
    )
    assert proof.changes.added == 0


def test_the_report_of_the_run_shows_the_proof_until_more_is_decided(here: Path) -> None:
    proof = dechaff.prove(here / "d.csv", here / "improved.csv", here / "t.csv", label="label", model=MODEL, seeds=2)
    run = read_run(here / "d.dechaff")
    assert run.metrics.proof.words == proof.words
    assert run.metrics.proof.notes == proof.notes
    page = (here / "d.dechaff" / "report.html").read_text()
    assert "Not proven yet" not in page
    assert "80 sealed rows" in page
    (here / "mine.csv").write_text("row,action,label\n1,drop,\n")
    dechaff.apply(here / "d.dechaff", here / "other.csv", decisions=here / "mine.csv")
    assert "Decisions were made since this proof" in (here / "d.dechaff" / "report.html").read_text()


def test_of_several_runs_the_proof_belongs_to_the_one_with_its_changes(here: Path) -> None:
    dechaff.audit(here / "d.csv", label="label", policy="review", model=MODEL, out=here / "other.dechaff")
    dechaff.prove(here / "d.csv", here / "improved.csv", here / "t.csv", label="label", model=MODEL, seeds=2)
    assert read_run(here / "other.dechaff").metrics.proof is None
    # The test rows of the file are not those that the audit sealed, so its own changes are what was proved.
    assert read_run(here / "d.dechaff").metrics.proof is not None


def test_without_a_run_or_after_a_change_of_the_file_the_test_rows_must_be_named(here: Path) -> None:
    with pytest.raises(InputError, match=r"no such run.*\n.*--test FILE"):
        dechaff.prove(here / "t.csv", here / "improved.csv", label="label", model=MODEL)
    with (here / "d.csv").open("a") as stream:
        stream.write("1,2,high\n")
    with pytest.raises(SourceChangedError):
        dechaff.prove(here / "d.csv", here / "improved.csv", label="label", model=MODEL)


def test_a_run_of_other_data_is_refused_and_one_elsewhere_is_named(here: Path, tmp_path: Path) -> None:
    dechaff.audit(here / "d.csv", label="label", model=MODEL, out=tmp_path / "far", test=here / "t.csv")
    with pytest.raises(InputError, match="be one of"):
        dechaff.prove(here / "t.csv", here / "improved.csv", here / "t.csv", label="label", run=tmp_path / "far")
    dechaff.prove(here / "d.csv", here / "improved.csv", label="label", model=MODEL, seeds=2, run=tmp_path / "far")
    assert read_run(tmp_path / "far").metrics.proof.test.rows == 80
    assert read_run(here / "d.dechaff").metrics.proof is None


def test_data_in_memory_give_their_held_out_rows_in_the_callers_type() -> None:
    found = dechaff.audit(_rows(120, 3).to_pandas(), label="label", test_size=0.25, model=MODEL)
    assert found.held_out().shape == (30, 3)
    assert type(found.held_out()).__module__.startswith("pandas")
