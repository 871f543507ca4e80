"""The command ``dechaff next``, and the review that goes on from its file."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import dechaff
from dechaff.api.next_run import next_of_run
from dechaff.surfaces.cli.main import FINE, UNUSABLE, main

MODEL = ["--model", "sklearn.linear_model:LogisticRegression", "--quiet", "--threads", "1"]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    x, z = rng.normal(size=200), rng.normal(size=200)
    labelled = pl.DataFrame({"x": x, "z": z, "label": np.where(x > 0, "high", "low")})
    labelled.write_csv("d.csv")
    pl.DataFrame({"x": rng.normal(size=300), "z": rng.normal(size=300)}).write_csv("pool.csv")
    assert main(["audit", "d.csv", "--label", "label", "--test-size", "0.2", *MODEL]) == FINE
    return tmp_path


def test_the_rows_to_label_go_to_a_file_that_the_review_reads(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert main(["next", "d.dechaff", "--pool", "pool.csv", "-n", "20"]) == FINE
    said = capsys.readouterr()
    assert "20 rows to label next, 2 of them at random" in said.out
    assert "dechaff review pool.csv --label label --classes d.dechaff --proposals pool_next.csv" in said.err
    table = pl.read_csv("pool_next.csv")
    assert table.columns == ["row", "label", "probability", "rank", "random", "why"]
    assert len(table) == 20
    x = pl.read_csv("pool.csv")["x"].to_numpy()
    assert np.abs(x[table.filter(~pl.col("random"))["row"].to_numpy()]).mean() < np.abs(x).mean() / 2
    pool = dechaff.audit("pool.csv", label="label", classes=["high", "low"])
    assert pool.import_proposals("pool_next.csv") == 20
    first = pool.queue(sort="proposed").items[0]
    assert first.row == str(table["row"][0])


def test_the_same_command_may_be_repeated_and_speaks_json(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["next", "d.dechaff", "--pool", "pool.csv", "-n", "5", "--json"]
    assert main(words) == FINE
    content = Path("pool_next.csv").read_bytes()
    capsys.readouterr()
    assert main(words) == FINE
    said = json.loads(capsys.readouterr().out)
    assert said["output"] == "pool_next.csv"
    assert len(said["rows"]) == 5
    assert Path("pool_next.csv").read_bytes() == content


def test_parquet_and_ids(here: Path) -> None:
    labelled = pl.read_csv("d.csv").with_row_index("id")
    labelled.with_columns(pl.format("d{}", "id").alias("id")).write_parquet("e.parquet")
    assert main(["audit", "e.parquet", "--label", "label", "--id", "id", *MODEL]) == FINE
    pool = pl.read_csv("pool.csv").with_row_index("id").with_columns(pl.format("p{}", "id").alias("id"))
    pool.write_parquet("pool.parquet")
    assert main(["next", "e.dechaff", "--pool", "pool.parquet", "-n", "5", "--output", "n.csv", "--quiet"]) == FINE
    assert set(pl.read_csv("n.csv")["row"]) <= set(pool["id"])


def test_what_is_refused(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pl.read_csv("pool.csv").drop("z").write_csv("narrow.csv")
    before = sorted(path.name for path in here.iterdir())
    for pool, word in (("narrow.csv", "'z'"), ("d.csv", "hold no test rows"), ("absent.csv", "absent.csv")):
        assert main(["next", "d.dechaff", "--pool", pool]) == UNUSABLE
        assert word in capsys.readouterr().err
    assert main(["next", "absent.dechaff", "--pool", "pool.csv"]) == UNUSABLE
    assert main(["next", "d.dechaff", "--pool", "pool.csv", "-n", "0"]) == UNUSABLE
    assert main(["next", "d.dechaff", "--pool", "pool.csv", "--output", "d.csv"]) == UNUSABLE
    assert sorted(path.name for path in here.iterdir()) == before


def test_labels_that_no_model_learns_give_typical_rows(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(1)
    x, z = rng.normal(size=80), rng.normal(size=80)
    pl.DataFrame({"x": x, "z": z, "label": ["high", "low"] * 40}).write_csv("r.csv")
    assert main(["audit", "r.csv", "--label", "label", *MODEL]) == FINE
    capsys.readouterr()
    assert main(["next", "r.dechaff", "--pool", "pool.csv", "-n", "5"]) == FINE
    assert "no model predicts held-out labels better" in " ".join(capsys.readouterr().out.split())
    assert pl.read_csv("pool_next.csv")["label"].null_count() == 5


def label(pool: str, batch: str, target: str) -> None:
    """What a person does: the true labels of a batch, in the column of the labels."""
    asked = pl.read_csv(batch)["row"].to_list()
    rows = pl.read_csv(pool).with_row_index("place")
    known = pl.col("label") if "label" in rows.columns else pl.lit(None, dtype=pl.String)
    true = pl.when(pl.col("x") > 0).then(pl.lit("high")).otherwise(pl.lit("low"))
    rows.with_columns(pl.when(pl.col("place").is_in(asked)).then(true).otherwise(known).alias("label")).drop(
        "place"
    ).write_csv(target)


def test_random_rows_tell_how_accurate_the_model_is(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["next", "d.dechaff", "-n", "60", "--random-fraction", "0.5", "--quiet", "--threads", "1"]
    assert main([*words, "--pool", "pool.csv"]) == FINE
    for place in range(3):
        label("pool.csv" if place == 0 else "labelled.csv", "pool_next.csv" if place == 0 else "n.csv", "labelled.csv")
        capsys.readouterr()
        assert main([*words, "--pool", "labelled.csv", "--output", "n.csv", "--json"]) == FINE
    facts = json.loads(capsys.readouterr().out)["labelling"]
    assert (facts["labels"], facts["from_pool"], facts["waiting"]) == (340, 180, 0)
    assert facts["control"] == 90
    assert facts["accuracy"]["low"] < facts["accuracy"]["mean"] <= facts["accuracy"]["high"]
    assert facts["accuracy"]["mean"] > 0.85
    assert [one["labels"] for one in facts["curve"]] == [160, 220, 280, 340]
    assert facts["stop"] == (facts["gain"] < 0.005)
    assert facts["saved"]["low"] <= facts["saved"]["mean"] <= facts["saved"]["high"]
    assert 'id="labelling"' in Path("d.dechaff/report.html").read_text()
    assert main(["report", "d.dechaff", "--format", "md"]) == FINE


def test_random_rows_without_a_label_are_said(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["next", "d.dechaff", "-n", "10", "--quiet", "--threads", "1"]
    assert main([*words, "--pool", "pool.csv"]) == FINE
    capsys.readouterr()
    pl.read_csv("pool.csv").with_columns(
        pl.when(pl.int_range(pl.len()) == 7).then(pl.lit("low")).otherwise(pl.lit(None)).alias("label")
    ).write_csv("some.csv")
    assert main([*words, "--pool", "some.csv"]) == FINE
    assert "1 random row of earlier batches has no label" in " ".join(capsys.readouterr().out.split())


def test_a_large_pool_in_parts_gives_the_batch_of_all_rows(here: Path, monkeypatch: pytest.MonkeyPatch):
    rng = np.random.default_rng(3)
    pool = pl.DataFrame({"x": rng.normal(size=900), "z": rng.normal(size=900)})
    labels = np.where(rng.random(900) < 0.05, np.where(pool["x"] > 0, "high", "low"), "").tolist()
    pool = pool.with_columns(pl.Series("label", labels))
    pool.write_parquet("large.parquet")
    monkeypatch.setattr("dechaff.data.formats.parquet.PART_ROWS", 64)
    monkeypatch.setattr("dechaff.api.next_label.MOST_ROWS", 100)
    found = []
    for most in (10_000, 100):
        monkeypatch.setattr("dechaff.api.next_run.MOST_ROWS", most)
        shutil.rmtree("f.dechaff", ignore_errors=True)
        shutil.copytree("d.dechaff", "f.dechaff")
        batch = next_of_run("f.dechaff", "large.parquet", n=20, threads=1)
        found.append((pl.read_csv(batch.output), batch.labelling))
    assert found[0][0].equals(found[1][0])
    assert found[0][1].pool == found[1][1].pool == 900
