"""F006 and S002 in an audit: columns and rows that differ between samples, in memory and out of core."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import dechaff
from dechaff.api import auditing, out_of_core
from dechaff.data.open import open_with
from dechaff.recipe.explore.content_hashes import in_content_order
from dechaff.recipe.explore.view import View
from dechaff.records.drift import Drift
from dechaff.records.options import AuditOptions

N = 500


def people(n: int = N, *, seed: int = 0, shift: float = 0.0, ill: float = 0.4) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    is_ill = rng.random(n) < ill
    return pl.DataFrame(
        {
            "weight": rng.normal(70, 9, n).round(1),
            "pulse": (rng.normal(70, 8, n) + 12 * is_ill + 8 * shift).round(1),
            "sex": rng.choice(["f", "m"], n),
            "ill": np.where(is_ill, "yes", "no"),
        }
    )


def drifts(train: pl.DataFrame, **options: Any) -> dict[str, Drift]:
    opened = in_content_order(open_with(train, AuditOptions(label="ill", **options)))
    return {one.between: one for one in View(opened.train, opened.test).drift}


def test_a_column_that_drifts_is_named() -> None:
    found = drifts(people(), test=people(seed=1, shift=0.8))["test"]
    assert [one.column for one in found.columns] == ["pulse"]
    assert found.label_words == ""
    assert found.auc is not None
    assert found.auc > 0.6
    assert sum(found.columns[0].reference) == pytest.approx(1)


def test_samples_of_one_distribution_do_not_differ() -> None:
    assert not any(one.differs for one in drifts(people(), test=people(seed=2)).values())


def test_label_shift_is_told_from_other_drift() -> None:
    found = drifts(people(), test=people(seed=5, ill=0.75))["test"]
    assert "'no' is the label of" in found.label_words or "'yes' is the label of" in found.label_words
    assert found.columns == (), "pulse differs only because the classes do"
    both = drifts(people(1000), test=people(1000, seed=1, ill=0.75, shift=1.0))["test"]
    assert [one.column for one in both.columns] == ["pulse"]


def test_missing_cells_and_new_categories_are_drift() -> None:
    test = people(seed=1).with_columns(
        pl.when(pl.int_range(N) % 8 == 0).then(None).otherwise(pl.col("weight")).alias("weight"),
        pl.when(pl.int_range(N) % 5 == 0).then(pl.lit("x")).otherwise(pl.col("sex")).alias("sex"),
    )
    words = {one.column: one.words for one in drifts(people(), test=test)["test"].columns}
    assert words["weight"].startswith("weight is missing in 0 % of the training rows and in 12.")
    assert words["sex"].startswith("sex is 'x' in 0 % of the training rows and in 20")


def test_later_rows_are_compared_with_earlier_ones_by_the_column_of_dates() -> None:
    rng = np.random.default_rng(3)
    days = pl.Series("day", rng.permutation(N)).cast(pl.Int32)
    frame = people().with_columns((pl.date(2024, 1, 1) + pl.duration(days=days)).alias("day"))
    frame = frame.with_columns(pl.col("weight") + 15 * (pl.col("day") > pl.date(2024, 9, 15)))
    found = drifts(frame)
    assert [one.column for one in found["day"].columns] == ["weight"]
    assert not found["row order"].differs, "the rows are not in the order of their days"


def test_files_are_compared_with_one_another(tmp_path: Path) -> None:
    for at in range(3):
        people(seed=at, shift=float(at == 2)).write_csv(tmp_path / f"{at}.csv")
    opened = open_with(tmp_path, AuditOptions(label="ill"))
    found = {one.between: one for one in View(opened.train).drift}
    assert [one.column for one in found["2.csv"].columns] == ["pulse"]
    assert max(found, key=lambda name: found[name].auc or 0) in ("2.csv", "row order")


def test_test_rows_that_were_drawn_are_not_compared() -> None:
    assert "test" not in drifts(people(), test_size=0.3)


def test_copies_count_once() -> None:
    train = pl.concat([people(200), *[people(200)[:8]] * 40])
    found = drifts(train, test=people(300, seed=1))
    assert not any(one.differs for one in found.values())


def test_odd_columns_are_no_reason_to_stop() -> None:
    odd = [pl.lit(None).alias("nothing"), pl.lit(7).alias("same"), (pl.col("weight") * 1e300).alias("huge")]
    found = drifts(people(80).with_columns(odd), test=people(60, seed=1).with_columns(odd))
    assert not found["test"].differs
    assert drifts(people(20), test=people(10, seed=1))["test"].auc is None


@pytest.mark.parametrize("out_of_core_run", [False, True])
def test_the_audit_reports_drift(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, out_of_core_run: bool) -> None:
    people().write_csv(tmp_path / "train.csv")
    people(seed=1, shift=0.8).write_csv(tmp_path / "test.csv")
    if out_of_core_run:
        monkeypatch.setattr(auditing, "fits_in_memory", lambda *_: False, raising=False)
        monkeypatch.setattr(out_of_core, "rows_in_sample", lambda *_: N // 2, raising=False)
    run = dechaff.audit(tmp_path / "train.csv", label="ill", test=tmp_path / "test.csv", out=tmp_path / "run")
    found = run.findings.filter(pl.col("code").is_in(["F006", "S002"]))
    assert found["field"].to_list() == ["test", "pulse"]
    assert run.metrics.drift[0].columns[0].column == "pulse"
