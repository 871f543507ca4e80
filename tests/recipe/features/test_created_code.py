"""The code of created features makes the values that were tested."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from dechaff.data.open import open_data
from dechaff.estimators.features.creation.creation import Creation
from dechaff.estimators.features.creation.learnt import Bins, Count, TargetEncoding
from dechaff.estimators.features.creation.row_wise import (
    MEASURES,
    PARTS,
    DatePart,
    Difference,
    Logarithm,
    Ratio,
    TextMeasure,
)
from dechaff.recipe.features.created_code import created_code
from dechaff.recipe.features.pipeline_code import pipeline_code

N = 80
NUMBERS: list[Creation] = [
    Ratio("a", "b"),
    Difference("a", "b"),
    Difference("to", "from"),
    Logarithm("b"),
    DatePart("year", "to"),
    *(TextMeasure(one, "said") for one in MEASURES),
]
CATEGORIES: list[Creation] = [Bins("a"), *(DatePart(one, "from") for one in PARTS if one != "year")]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Any]:
    """The data, and the names that the code defines."""
    pytest.importorskip("pandas")
    random, folder = np.random.default_rng(0), tmp_path_factory.mktemp("code")
    days = [date(2024, 1, 1) + timedelta(days=int(one)) for one in random.integers(0, 500, N)]
    frame = pl.DataFrame(
        {
            "a": [None, *random.normal(size=N - 1).round(3).tolist()],
            "b": random.integers(0, 5, N),
            "from": days,
            "to": [one + timedelta(days=3) for one in days],
            "city": [f"city {one}" for one in random.integers(0, 5, N)],
            "said": [" ".join(random.choice(["Good!", "bad", "so so", "No 1?", "well said"], 9)) for _ in range(N)],
            "label": random.choice(["yes", "no"], N),
        }
    )
    frame.write_csv(folder / "d.csv")
    data = open_data(folder / "d.csv", label="label", numeric=["b"], date=["from", "to"], text=["said"]).train
    everything = [*NUMBERS, *CATEGORIES, Count("city"), TargetEncoding("city")]
    code = created_code(everything, data.table)
    names: dict[str, Any] = {"__name__": "pipeline"}
    exec(pipeline_code(data.table.columns, folder / "d.csv", "label", created=code), names)
    return data, names


def test_numbers_and_categories_have_the_values_that_were_tested(made: tuple[Any, Any]) -> None:
    data, names = made
    rows = names["read_rows"]()
    numbers, categories = names["created_numbers"](rows), names["created_categories"](rows)
    for one in NUMBERS:
        values = one.fit(data.table, data.codes, 2, seed=0)[1][0].values
        np.testing.assert_allclose(numbers[one.name].astype(float), values, err_msg=one.name)
    for one in CATEGORIES:
        values = one.fit(data.table, data.codes, 2, seed=0)[1][0].values
        found = categories[one.name].map(lambda cell: str(int(float(cell))) if cell else "")
        assert found.tolist() == values.tolist(), one.name


def test_the_pipeline_trains_with_all_of_them(made: tuple[Any, Any]) -> None:
    _, names = made
    rows = names["read_rows"]()
    model = names["make_model"]().fit(rows, rows["label"])
    columns = model["features"].named_transformers_
    assert {"created numbers", "created categories", "counts", "target encoding"} <= set(columns)
    assert model.predict(rows.drop(columns="label")).shape == (N,)


def test_without_created_features_the_code_has_no_trace_of_them(made: tuple[Any, Any]) -> None:
    data, _ = made
    code = pipeline_code(data.table.columns, Path("d.csv"), "label")
    assert "def created" not in code
    assert "numpy" not in code
