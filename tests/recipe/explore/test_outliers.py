"""O001 in an audit: rows that are unlike all others, in memory and out of core."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

import dechaff
from dechaff.api import auditing, out_of_core
from dechaff.core.table import Column
from dechaff.recipe.explore.outliers import flagged_from, outliers
from dechaff.recipe.explore.view import View
from dechaff.records.findings import Detection
from tests.recipe.made import column, made
from tests.shared_data import shared

N = 600


def people(odd: int = 3) -> pl.DataFrame:
    rng = np.random.default_rng(0)
    sex, height = rng.choice(["f", "m"], N), rng.normal(170, 8, N).round()
    height[:odd] = 1780
    return pl.DataFrame(
        {
            "name": [f"p{row:04d}" for row in range(N)],
            "height": height,
            "weight": rng.normal(70, 9, N).round(1),
            "sex": sex,
            "ill": np.where(rng.random(N) < 0.3, "yes", "no"),
        }
    )


def detected(frame: pl.DataFrame) -> Detection:
    names = [name for name in frame.columns if name != "ill"]
    return outliers(View(made([cells(frame, name) for name in names], frame["ill"].to_list())))


def cells(frame: pl.DataFrame, name: str) -> Column:
    return column(name, frame[name].to_list(), kind="categorical" if frame[name].dtype == pl.String else None)


def test_every_row_has_a_score_and_odd_ones_a_reason_with_columns_and_values() -> None:
    found = detected(people())
    assert found.score is not None
    assert len(found.score) == N
    assert [one.row for one in found.findings] == [0, 1, 2]
    assert np.flatnonzero(found.flag).tolist() == [0, 1, 2]
    assert {one.why for one in found.findings} == {"height is 1,780 where 90 % lie in 158–182."}
    assert "row 0 belong to the data" in found.findings[0].fix


def test_ordinary_rows_have_no_findings() -> None:
    assert detected(people(odd=0)).findings == ()


def test_a_rare_profile_of_a_table_of_few_different_rows_is_not_odd() -> None:
    rng = np.random.default_rng(0)
    frame = pl.DataFrame({"class": rng.choice(["1", "2", "3"], N), "sex": rng.choice(["f", "m"], N, p=[0.02, 0.98])})
    assert detected(frame.with_columns(ill=pl.lit("no"))).findings == ()


def test_images_without_features_are_not_compared() -> None:
    data = made([column("image", [f"{row}.png" for row in range(40)], kind="image")], ["a", "b"] * 20)
    assert "features" in outliers(View(data)).not_run


def test_the_cut_is_that_of_benjamini_and_hochberg() -> None:
    score = np.array([0.9, 0.8, 0.1, 0.0])  # p-values 1e-9, 1e-4, .77 and 1
    assert 0.1 < flagged_from(4, lambda least: int((score >= least).sum())) < 0.8
    assert flagged_from(4, lambda least: 0) == np.inf


def test_the_audit_proposes_a_review_and_writes_what_was_decided(tmp_path: Path) -> None:
    audit = dechaff.audit(people(), label="ill", id="name", policy="bold", out=tmp_path / "run")
    found = audit.findings.filter(pl.col("code") == "O001")
    assert sorted(found["row"]) == ["p0000", "p0001", "p0002"]
    decided = [event for event in audit.run.decided().values() if event.code == "O001"]
    assert {event.action for event in decided} == {"review"}, "a rare row is not thrown away without a review"
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert "height: this row has 1,780; all values lie in 1" in page


@pytest.mark.parametrize("sampled", [N, N // 2])
def test_out_of_core_the_same_rows_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sampled: int) -> None:
    people().write_csv(tmp_path / "people.csv")
    found = []
    for limited in (False, True):
        monkeypatch.setattr(auditing, "runs_out_of_core", lambda job, limited=limited: limited)
        monkeypatch.setattr(out_of_core, "sample_rows", lambda *sizes: sampled)
        run = dechaff.audit(tmp_path / "people.csv", label="ill", id="name", out=tmp_path / f"run{limited}")
        outliers = run.findings.filter(pl.col("code") == "O001").sort("row")
        decided = sorted((e.row, e.action, e.score) for e in run.run.decided().values() if e.code == "O001")
        found.append((outliers.select("row", "given", "fix", *(["why", "score"] if sampled == N else [])), decided))
    (one, decided), (two, decided_too) = found
    assert one["row"].to_list() == ["p0000", "p0001", "p0002"]
    assert one.equals(two)
    assert [event[:2] for event in decided] == [event[:2] for event in decided_too]


@pytest.mark.shared_data
@pytest.mark.parametrize("name", ["banknote", "german", "letter", "pima", "satimage", "titanic", "vehicle", "vowel"])
def test_clean_tables_have_no_outliers(name: str) -> None:
    frame = pl.read_csv(shared("tabular") / f"{name}.csv.gz", infer_schema_length=None)
    labels = frame[frame.columns[-1]].cast(pl.String).to_list()
    assert outliers(View(made([cells(frame, one) for one in frame.columns[:-1]], labels))).findings == ()
