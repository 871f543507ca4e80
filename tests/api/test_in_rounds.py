from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import dechaff
from dechaff.api import auditing, in_rounds, out_of_core
from dechaff.recipe.improve.rounds import Rounds
from dechaff.records.metrics import Round
from tests.recipe.passes.reviews import LEAST


def _blobs(n_rows: int, wrong: int, seed: int) -> dict[str, list[object]]:
    """Two far clouds of points; the labels of the first rows are wrong."""
    rng = np.random.default_rng(seed)
    true = rng.integers(0, 2, n_rows)
    given = np.where(np.arange(n_rows) < wrong, 1 - true, true)
    return {
        "x": (rng.normal(size=n_rows) + 6 * true).tolist(),
        "y": rng.normal(size=n_rows).tolist(),
        "label": np.array(["low", "high"])[given].tolist(),
    }


@pytest.mark.slow
@pytest.mark.parametrize("out_of_core", [False, True])
def test_proof_and_model_of_a_recipe_are_of_the_data_with_the_decisions_of_people(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, out_of_core: bool
) -> None:
    learned: list[int] = []
    monkeypatch.setattr(in_rounds, "select_on", lambda first, data, settings: learned.append(len(data)))
    by_hand = tmp_path / "decisions.csv"
    with by_hand.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["row", "action", "label"])
        writer.writerows([str(row), "drop" if row < 12 else "keep", ""] for row in range(150))
    data, sealed = _blobs(150, 12, seed=0), _blobs(60, 0, seed=1)
    source: Any = _file(tmp_path / "train.csv", data) if out_of_core else data
    test: Any = _file(tmp_path / "test.csv", sealed) if out_of_core else sealed
    monkeypatch.setattr(auditing, "runs_out_of_core", lambda job: out_of_core)
    done = dechaff.run_recipe(source, label="label", test=test, rounds=1, out=tmp_path / "run", decisions=by_hand)
    assert done.proof is not None
    assert done.proof.changes.dropped == 12
    assert done.proof.changes.relabelled == 0
    assert learned == [138], "the model that is kept learns from what people left"
    assert bool(done.audit.run.options.get("out_of_core")) is out_of_core
    if not out_of_core:
        assert done.improved == {name: values[12:] for name, values in data.items()}


def _file(path: Path, columns: dict[str, list[object]]) -> Path:
    pl.DataFrame(columns).write_csv(path)
    return path


@pytest.mark.parametrize("sealed", ["a file", "inside"])
def test_a_recipe_on_a_file_above_the_memory_limit_decides_every_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sealed: str
) -> None:
    monkeypatch.setattr(out_of_core, "sample_rows", lambda *sizes: 100)
    train = _file(tmp_path / "train.csv", _blobs(300, 60, seed=0))
    where = {"test": _file(tmp_path / "test.csv", _blobs(80, 0, seed=1))} if sealed == "a file" else {"test_size": 0.2}
    done = dechaff.run_recipe(train, label="label", rounds=2, memory=LEAST, out=tmp_path / "run", **where)
    figures = done.audit.run.metrics
    assert done.audit.run.options["out_of_core"]
    assert len(figures.rounds) >= 1
    assert done.selection is not None
    assert done.proof is not None
    assert figures.sample is not None
    assert done.proof.sample == figures.sample
    assert figures.sample.rows < figures.sample.of == figures.dataset.rows
    assert done.proof.verdict != "worse"
    assert figures.proof is not None
    assert done.proof.test.used == (80 if sealed == "a file" else figures.dataset.test_rows)
    assert any("rest on a sample of" in limit for limit in figures.limits)
    improved = done.audit.apply(tmp_path / "improved.csv")
    assert pl.read_csv(improved).height <= 300
    predicted = dechaff.predict(tmp_path / "run", train)
    assert set(predicted["label"]) == {"low", "high"}
    pl.read_csv(train).write_csv(tmp_path / "new.csv", separator="|")
    assert dechaff.predict(tmp_path / "run", tmp_path / "new.csv", delimiter="|").equals(predicted)
    with pytest.raises(dechaff.InputError, match="whole line was read as one column"):
        dechaff.predict(tmp_path / "run", tmp_path / "new.csv", delimiter=";")


@pytest.mark.parametrize("kept", [True, False])
def test_what_does_not_help_on_the_sample_is_only_reviewed_in_all_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: bool
) -> None:
    monkeypatch.setattr(out_of_core, "sample_rows", lambda *sizes: 240)
    monkeypatch.setattr(
        in_rounds, "run_rounds", lambda first, *settings, **more: Rounds(first, (Round(1, kept=kept),), None)
    )
    train = _file(tmp_path / "train.csv", _blobs(300, 60, seed=0))
    done = dechaff.run_recipe(train, label="label", memory=LEAST, out=tmp_path / "run")
    decisions = done.audit.run.metrics.decisions
    assert decisions is not None
    assert (set(decisions.by_code["L001"]) == {"review"}) is not kept
    assert done.audit.run.options["policy"] == "bold"
