"""``find_cell_errors``: a table in, wrong cells out, with repairs and reasons."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn import datasets

import dechaff
from dechaff.errors import DechaffError, InputError


def frame() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    town = rng.choice(["Hamburg", "Munich", "Vienna"], 300)
    table = pd.DataFrame(
        {"town": town, "age": rng.integers(18, 80, 300), "weight": rng.normal(70, 9, 300).round(1)},
        index=[f"p{row}" for row in range(300)],
    )
    table.loc["p7", "town"] = "Hambrug"
    table.loc["p9", "age"] = 3500
    table.loc["p11", "weight"] = np.nan
    return table


def test_cells_are_named_by_row_and_column_in_the_callers_type() -> None:
    found = dechaff.find_cell_errors(frame())
    table = found.table()
    assert list(zip(table["id"], table["column"], strict=True)) == [("p7", "town"), ("p9", "age")]
    assert table["suggested"].tolist() == ["Hamburg", "35"]
    assert found.score.shape == found.flag.shape == (300, 3)
    assert found.flag.loc["p7", "town"]
    assert found.suggested.loc["p9", "age"] == "35"
    assert found.worst(1)["column"].tolist() == ["town"]
    assert "2 of 900 cells flagged" in repr(found)
    assert "Hambrug" in found._repr_html_()
    assert any("age lies between" in rule for rule in found.rules)


def test_repairs_are_written_in_the_type_of_the_column() -> None:
    given = frame()
    repaired = dechaff.find_cell_errors(given).repaired()
    assert repaired.loc["p7", "town"] == "Hamburg"
    assert repaired.loc["p9", "age"] == 35
    assert repaired.dtypes.equals(given.dtypes)
    assert given.loc["p7", "town"] == "Hambrug"


@pytest.mark.parametrize(
    "convert", [pl.from_pandas, lambda one: pl.from_pandas(one).to_arrow(), lambda one: one.to_dict("list")]
)
def test_every_kind_of_frame_gives_the_same_cells(convert) -> None:  # type: ignore[no-untyped-def]
    found = dechaff.find_cell_errors(convert(frame()))
    assert np.argwhere(np.asarray(found.flag)).tolist() == [[7, 0], [9, 1]]


def test_clean_tables_have_hardly_any_flags() -> None:
    for name in ("iris", "wine", "diabetes", "linnerud", "breast_cancer"):
        found = dechaff.find_cell_errors(getattr(datasets, f"load_{name}")(as_frame=True).frame)
        assert found.n_flagged <= 0.001 * len(found), name


@pytest.mark.parametrize(
    "table",
    [
        {"a": [1.0]},
        {"a": [None] * 40, "b": ["x"] * 40},
        {"a": [float("inf"), 1.0, float("nan")] * 20, "b": list(range(60))},
        {"a": [10**30 + n for n in range(60)], "b": [1, "x", None, 2.5] * 15},
        {"a": [[1, 2], [3]] * 30, "b": [True, False] * 30},
    ],
)
def test_odd_columns_are_no_obstacle(table: dict[str, list[object]]) -> None:
    found = dechaff.find_cell_errors(table)
    assert found.n_flagged <= 1
    assert len(found.table()) == found.n_flagged


def test_wide_arrays_have_columns_by_number() -> None:
    values = np.random.default_rng(0).normal(size=(60, 120)).round(2)
    values[3, 110] = 1e6
    assert dechaff.find_cell_errors(values).table()["column"].to_list() == ["f110"]


def test_what_is_no_table_is_refused() -> None:
    with pytest.raises(InputError, match="frame"):
        dechaff.find_cell_errors("people.csv")
    with pytest.raises(DechaffError, match="no rows"):
        dechaff.find_cell_errors(pd.DataFrame({"a": []}))


def test_the_result_travels() -> None:
    found = dechaff.find_cell_errors(frame())
    assert pickle.loads(pickle.dumps(found)).n_flagged == found.n_flagged


def test_reviewed_rows_are_named_as_the_callers_rows_and_settle_their_cells() -> None:
    given = frame()
    found = dechaff.find_cell_errors(given)
    assert sorted(found.rows_to_review()) == ["p7", "p9"]
    right = given.loc[["p7", "p9"]].to_dict("index")
    right["p7"]["town"] = "Vienna"
    updated = found.update(right)
    assert updated.table()[["id", "column", "suggested"]].to_numpy().tolist() == [["p7", "town", "Vienna"]]
    assert updated.update({("p7", "town"): "Hamburg"}).repaired().loc["p7", "town"] == "Hamburg"
    assert pickle.loads(pickle.dumps(updated)).reviewed == updated.reviewed


@pytest.mark.parametrize(
    ("reviews", "says"),
    [
        ({("p999", "town"): "Rome"}, "p999"),
        ({("p7", "twon"): "Rome"}, "Write town"),
        ({"p7": "Rome"}, "name a cell by its row and its column"),
        ([("p7", "town", "Rome")], "be a dict"),
    ],
)
def test_reviews_of_unknown_cells_are_refused(reviews: object, says: str) -> None:
    with pytest.raises(InputError, match=says):
        dechaff.find_cell_errors(frame()).update(reviews)
