"""The step of the recipe that chooses features, and its proof on sealed rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

import dechaff
from dechaff.data.dataset import Dataset
from dechaff.data.open import open_data
from dechaff.estimators.features.creation.learnt import Bins, Count, TargetEncoding
from dechaff.estimators.features.creation.row_wise import DatePart, Difference, Logarithm, Ratio, TextMeasure
from dechaff.estimators.features.featured_model import FeaturedModel
from dechaff.models.choose import candidate_models
from dechaff.models.persist import load, save
from dechaff.recipe.features.chosen_features import choose_features
from dechaff.recipe.prove.training import Trainings


def rows(n: int, seed: int) -> pl.DataFrame:
    x = np.random.default_rng(seed).normal(size=n)
    return pl.DataFrame({"x": x, "same": ["a"] * n, "label": np.where(np.abs(x) > 0.7, "far", "near")})


def opened(n: int, seed: int) -> Dataset:
    return open_data(rows(n, seed), label="label").train


def test_the_choice_is_made_on_training_rows_and_scored_on_sealed_rows() -> None:
    train, test = opened(160, 0), opened(120, 1)
    by = Trainings(threads=1)
    chosen = choose_features(train, candidate_models(train.table)[0], lambda: (test,), by)
    facts = chosen.facts
    assert {one.column: one.code for one in facts.columns} == {"x": "", "same": "F003"}
    assert [(one.name, one.made_of, one.accepted) for one in facts.tried] == [("x in bins", ("x",), True)]
    assert chosen.model is not None
    assert facts.proof is not None
    assert facts.proof.verdict == "better"
    assert facts.proof.n_test == 120
    assert facts.proof.difference.low is not None
    assert facts.proof.difference.low > 0
    assert facts.proof.words.startswith("Better: with the chosen features, the model reaches an accuracy of 9")


def test_a_column_that_leaks_is_in_neither_model_of_the_proof() -> None:
    train, test = (open_data(with_leak(n, seed), label="label").train for n, seed in ((160, 0), (120, 1)))
    facts = choose_features(train, candidate_models(train.table)[0], lambda: (test,), Trainings(threads=1)).facts
    assert [one.code for one in facts.columns if one.column == "told"] == ["F002"]
    assert facts.proof is not None
    assert facts.proof.verdict == "better"
    assert "with all columns except told (F002)" in facts.proof.words


def with_leak(n: int, seed: int) -> pl.DataFrame:
    return rows(n, seed).with_columns(told=pl.col("label").str.slice(0, 1))


def test_rows_of_data_augmentation_choose_no_columns() -> None:
    train = opened(60, 0)
    more = Dataset.joined([train] * 20)
    found = choose_features(train, candidate_models(train.table)[0], None, Trainings(threads=1), train=more)
    assert not found.facts.tried, "60 rows are too few to create features, 1,200 are not"


def test_rows_without_a_choice_are_no_error() -> None:
    few = opened(10, 0)
    found = choose_features(few, candidate_models(few.table)[0], None, Trainings(threads=1))
    assert found.model is None
    assert found.facts.words.startswith("No features were chosen: the data must have at least 20 labelled")


def test_a_model_with_features_is_stored_without_pickle(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "a": [float(one) for one in range(40)],
            "b": [one % 7 + 1.0 for one in range(40)],
            "day": [f"2024-01-{one % 28 + 1:02d}" for one in range(40)],
            "city": [f"city {one % 4}" for one in range(40)],
            "said": [f"it was a very good day number {one} for all of us" for one in range(40)],
            "label": ["yes", "no"] * 20,
        }
    )
    data = open_data(frame, label="label").train
    creations = (
        Ratio("a", "b"), Difference("a", "b"), Logarithm("a"), DatePart("weekday", "day"), TextMeasure("words", "said"),
        Bins("a"), Count("city"), TargetEncoding("city"),
    )  # fmt: skip
    model = FeaturedModel(candidate_models(data.table)[0], ("a", "city"), creations)
    fitted = model.fit(data.table, None, data.codes, 2, seed=0)
    save(fitted, tmp_path / "model.npz")
    np.testing.assert_array_equal(load(tmp_path / "model.npz").probs(data.table), fitted.probs(data.table))


@pytest.mark.slow
def test_a_recipe_keeps_the_model_on_the_chosen_features(tmp_path: Path) -> None:
    options = {"label": "label", "test": rows(120, 1), "rounds": 1, "threads": 1, "out": tmp_path / "run"}
    done = dechaff.run_recipe(rows(160, 0), choose_features=True, **options)
    facts = done.audit.metrics.features
    assert facts is not None
    assert facts.tried
    assert "Columns and features for the model" in (tmp_path / "run" / "report.html").read_text()
    found = dechaff.predict(tmp_path / "run", {"x": [-2.0, 0.0], "same": ["a", "a"]})
    assert found["label"].to_list() == ["far", "near"]
