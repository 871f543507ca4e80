"""``dechaff features``: columns that stay are named, written, and read by a Pipeline that runs."""

from __future__ import annotations

import json
import runpy
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from dechaff.errors import DataError, InputError, LabelsError
from dechaff.features import select_features
from dechaff.surfaces.cli.main import FINE, main

N = 200


def written(folder: Path) -> Path:
    rng = np.random.default_rng(0)
    y = rng.random(N) < 0.5
    table = {
        "number": np.arange(N),
        "age": (50 + 12 * y + rng.normal(0, 10, N)).round(1),
        "noise": rng.normal(size=N).round(3),
        "ward": np.where(rng.random(N) < np.where(y, 0.7, 0.3), "north", "south"),
        "outcome": np.where(y, "ill", "fine"),
        "label": np.where(y, "sick", "well"),
    }
    frame = pl.DataFrame(table).with_columns(days=pl.col("age") * 365.25)
    frame = frame.with_columns(age=pl.when(pl.Series(rng.random(N) < 0.05)).then(None).otherwise("age"))
    frame.write_csv(folder / "d.csv")
    return folder / "d.csv"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a table, what the command said of it, the selected columns and the pipeline."""
    folder = tmp_path_factory.mktemp("features")
    outputs = ["--output", str(folder / "s.csv"), "--pipeline", str(folder / "p.py")]
    path = written(folder)
    later = pl.read_csv(path)[:90].with_columns(pl.col("age") + 40, pl.col("days") + 40 * 365.25)
    pl.concat([later, pl.read_csv(path)[-1:]]).write_csv(folder / "t.csv")
    given = ["--label", "label", "--test", str(folder / "t.csv"), "--json", "--create", "--threads", "1"]
    with redirect_stdout(StringIO()) as said:
        code = main(["features", str(path), *given, *outputs])
    assert code == FINE
    (folder / "said.json").write_text(said.getvalue())
    return folder


def test_each_column_stays_or_has_a_code_and_a_reason(place: Path) -> None:
    found = json.loads((place / "said.json").read_text())
    assert found["output"] == str(place / "s.csv")
    lines = {line["column"]: line for line in found["columns"]}
    codes = {name: line["code"] for name, line in lines.items()}
    assert codes.pop("outcome") == "F002"
    assert codes.pop("noise") == "F005"
    assert codes == {"age": "", "ward": "", "days": ""}, "days fill the gaps of age"
    assert lines["ward"]["low"] > 0
    assert lines["ward"]["stability"] > 0.5
    assert lines["noise"]["low"] < 0.01
    assert lines["noise"]["why"].startswith("noise matters no more than shuffled columns")
    assert lines["outcome"]["importance"] is None
    assert {"feature", "made_of", "accepted", "why", "brier", "brier_low"} <= set(found["created"][0])


def test_columns_that_drift_and_copies_of_test_rows_are_named_and_choose_nothing(place: Path) -> None:
    found = json.loads((place / "said.json").read_text())
    drifting = {line["column"]: line["drift"] for line in found["columns"] if line["drift"]}
    assert set(drifting) == {"age", "days"}
    assert "in the training rows, and in" in drifting["age"]
    assert "days, age differ between training and test rows (F006)" in found["result"]
    assert "1 training row is a copy of a test row (D004)" in found["result"]
    pl.read_csv(place / "t.csv").drop("age").write_csv(place / "less.csv")
    with pytest.raises(DataError, match="age"):
        select_features(place / "d.csv", label="label", test=place / "less.csv")


def test_the_rows_keep_their_names_cells_and_labels(place: Path) -> None:
    before, after = pl.read_csv(place / "d.csv"), pl.read_csv(place / "s.csv")
    assert set(after.columns) == {"number", "age", "ward", "days", "label"}
    assert after.equals(before.select(after.columns))


def test_the_pipeline_runs_on_these_columns_alone(place: Path) -> None:
    pytest.importorskip("pandas")
    code = runpy.run_path(str(place / "p.py"))
    rows = code["read_rows"]()
    model = code["make_model"]().fit(rows, rows["label"])
    assert model.score(rows, rows["label"]) > 0.6
    assert (model.predict(rows.drop(columns=["noise", "outcome", "number"])) == model.predict(rows)).all()


def test_a_created_feature_is_written_with_the_rows_and_into_the_pipeline(tmp_path: Path) -> None:
    pytest.importorskip("pandas")
    x = np.random.default_rng(0).normal(size=200).round(4)
    pl.DataFrame({"x": x, "label": np.where(np.abs(x) > 0.7, "far", "near")}).write_csv(tmp_path / "d.csv")
    outputs = {"output": tmp_path / "s.csv", "pipeline": tmp_path / "p.py"}
    found = select_features(tmp_path / "d.csv", label="label", threads=1, create=True, **outputs)
    assert found.created == ("x in bins",)
    assert "1 created feature of 1 candidate: x in bins." in found.words
    (line,) = found.tried.to_dicts()
    assert line["accepted"]
    assert line["made_of"] == "x"
    assert line["brier_low"] > 0.1
    assert pl.read_csv(tmp_path / "s.csv").columns == ["x", "x in bins", "label"]
    code = runpy.run_path(str(tmp_path / "p.py"))
    rows = code["read_rows"]()
    assert code["make_model"]().fit(rows, rows["label"]).score(rows, rows["label"]) > 0.9


def test_if_no_column_is_fit_the_reason_is_told(tmp_path: Path) -> None:
    pl.DataFrame({"gone": [None] * 40, "label": ["a", "b"] * 20}).write_csv(tmp_path / "d.csv")
    found = select_features(tmp_path / "d.csv", label="label", threads=1)
    assert found.kept == ("gone",)
    why = "gone has the same value in every row."
    assert found.words == f"No column is fit for a model, so 1 of 1 columns stay all the same. {why}"


def test_bad_input_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    path = written(tmp_path)
    with pytest.raises(InputError, match="false_discovery_rate must be between 0 and 1"):
        select_features(path, label="label", false_discovery_rate=1.5)
    with pytest.raises(InputError, match="Cannot write the selected columns"):
        select_features(path, label="label", output=path)
    pl.read_csv(path).head(10).write_csv(tmp_path / "few.csv")
    with pytest.raises(LabelsError, match="at least 20 labelled"):
        select_features(tmp_path / "few.csv", label="label", output=tmp_path / "s.csv")
    pl.read_csv(path).with_columns(label=pl.lit("one")).write_csv(tmp_path / "one.csv")
    with pytest.raises(LabelsError, match="two classes"):
        select_features(tmp_path / "one.csv", label="label", output=tmp_path / "s.csv")
    assert not (tmp_path / "s.csv").exists()
