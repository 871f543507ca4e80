"""The command ``dechaff consensus``, and the commands that go on from its run folder."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from dechaff.surfaces.cli.main import FINE, UNUSABLE, main
from tests.api.test_consensus import answers


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    table, true = answers(items=120)
    table.write_csv("answers.csv")
    rng = np.random.default_rng(0)
    x = 3.0 * (true == "cat") + rng.normal(size=120)
    y = 3.0 * (true == "dog") + rng.normal(size=120)
    pl.DataFrame({"item": [f"i{item:04}" for item in range(120)], "x": x, "y": y}).write_csv("data.csv")
    return tmp_path


def test_answers_alone_give_a_labelled_file_and_a_run(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["consensus", "answers.csv"]) == FINE
    said = capsys.readouterr()
    assert "20 annotators gave 600 answers about 120 items" in " ".join(said.out.split())
    assert "dechaff apply answers_labelled.dechaff" in said.err
    labelled, run = pl.read_csv("answers_labelled.csv"), here / "answers_labelled.dechaff"
    assert labelled.columns == ["item", "answers", "label"]
    assert len(labelled) == 120
    lines = pl.read_csv(run / "consensus.csv")
    assert lines["label"].to_list() == labelled["label"].to_list()
    assert {"probability", "from_answers", "flag"} <= set(lines.columns)
    assert len(pl.read_csv(run / "annotators.csv")) == 20
    findings = pl.read_parquet(run / "findings.parquet")
    assert set(findings["code"]) == {"L007"}
    assert sorted(findings["row"]) == sorted(lines.filter("flag")["item"])
    assert all("Ask " in fix for fix in findings["fix"])
    report = (run / "report.html").read_text()
    assert "Quality of annotators" in report
    assert "Items to ask about" in report


def test_the_same_command_may_be_repeated_and_a_file_of_the_users_stays(here: Path) -> None:
    assert main(["consensus", "answers.csv", "-q"]) == FINE
    assert main(["consensus", "answers.csv", "-q"]) == FINE
    (here / "mine.csv").write_text("mine")
    assert main(["consensus", "answers.csv", "-q", "--labelled", "mine.csv"]) == UNUSABLE
    assert (here / "mine.csv").read_text() == "mine"
    assert main(["consensus", "answers.csv", "-q", "--labelled", "answers.csv"]) == UNUSABLE


def test_with_data_the_audit_and_its_decisions_go_on(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["consensus", "answers.csv", "--data", "data.csv", "--labelled", "l.csv", "--out", "run", "--json", "-q"]
    assert main(words) == FINE
    found = json.loads(capsys.readouterr().out)
    assert found["labelled"] == "l.csv"
    assert found["consensus"]["model"]
    assert pl.read_csv("l.csv").columns == ["item", "x", "y", "label"]
    codes = {check["code"] for check in found["checks"]}
    assert {"L001", "L007", "D001"} <= codes
    assert main(["apply", "run", "-o", "better.csv"]) == FINE
    assert len(pl.read_csv("better.csv")) == 120
    assert main(["log", "run"]) == FINE


def test_probabilities_of_a_model_and_wide_answers_are_read(here: Path) -> None:
    table = pl.read_csv("answers.csv")
    wide = table.pivot(on="annotator", index="item", values="label")
    wide.write_csv("wide.csv")
    wide.select("item").with_columns(bird=0.3, cat=0.4, dog=0.3).write_csv("probs.csv")
    assert main(["consensus", "wide.csv", "--probs", "probs.csv", "-q"]) == FINE
    assert main(["consensus", "answers.csv", "-q"]) == FINE
    one, other = (pl.read_csv(f"{name}_labelled.csv").sort("item") for name in ("wide", "answers"))
    assert (one["label"] == other["label"]).mean() > 0.9


@pytest.mark.parametrize(
    ("change", "words", "message"),
    [
        (lambda table: pl.concat([table, table[:1]]), [], "contain one of an annotator about an item"),
        (lambda table: table.with_columns(annotator=pl.lit("ann"))[::5], [], "two annotators or more"),
        (lambda table: table, ["--classes", "cat,dog"], "be among the classes cat, dog; found bird"),
        (
            lambda table: table.with_columns(label=pl.when(pl.col("item") != "i0007").then("label")),
            [],
            "none of i0007",
        ),
        (lambda table: table, ["--worker", "x"], "Unknown"),
        (lambda table: table, ["--annotator", "worker"], "Did you mean|be one of the columns"),
    ],
)
def test_bad_answers_are_refused_and_nothing_is_written(here, change, words, message, capsys) -> None:
    change(pl.read_csv("answers.csv")).write_csv("bad.csv")
    before = sorted(here.rglob("*"))
    assert main(["consensus", "bad.csv", *words]) == UNUSABLE
    said = " ".join(capsys.readouterr().err.split())
    assert any(one in said for one in message.split("|"))
    assert sorted(here.rglob("*")) == before
