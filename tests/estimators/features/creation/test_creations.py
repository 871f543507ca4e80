"""The values of created features, by hand."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from dechaff.core.table import Column, Table
from dechaff.estimators.features.creation.candidates import usual_candidates
from dechaff.estimators.features.creation.creation import Creation, category_column, number_column
from dechaff.estimators.features.creation.learnt import Bins, Count, TargetEncoding
from dechaff.estimators.features.creation.row_wise import DatePart, Difference, Logarithm, Ratio, TextMeasure

SECONDS = datetime(2026, 12, 3, 7, 30, tzinfo=UTC).timestamp()  # a Thursday


def dates(name: str, *moments: float) -> Column:
    values = np.array(moments)
    return Column(name, "datetime", values, np.isnan(values), values.astype(str).astype(object))


def texts(*cells: str) -> Column:
    values = np.array(cells, dtype=object)
    return Column("review", "text", values, values == "", values)


TABLE = Table(
    (
        number_column("income", np.array([10.0, 0.0, np.nan])),
        number_column("size", np.array([4.0, 0.0, 2.0])),
        dates("from", SECONDS, np.nan, 0.0),
        dates("to", SECONDS + 36 * 3600, SECONDS, -1.0),
        texts("GOOD, so good!", "", "no 1"),
    ),
    3,
)
NAN = np.nan


@pytest.mark.parametrize(
    ("creation", "name", "values"),
    [
        (Ratio("income", "size"), "income / size", [2.5, NAN, NAN]),
        (Difference("income", "size"), "income - size", [6, 0, NAN]),
        (Difference("to", "from"), "to - from", [1.5, NAN, -1 / 86_400]),
        (Logarithm("size"), "log of size", [np.log(5), 0, np.log(3)]),
        (DatePart("year", "to"), "year of to", [2026, 2026, 1969]),
        (TextMeasure("words", "review"), "words of review", [3, 0, 2]),
        (TextMeasure("capitals", "review"), "capitals of review", [4, 0, 0]),
        (TextMeasure("marks", "review"), "marks of review", [1, 0, 0]),
    ],
)
def test_values_depend_on_their_row_alone(creation: Creation, name: str, values: list[float]) -> None:
    assert creation.name == name
    fitted, (column,) = creation.fit(TABLE, np.array([0, 1, 0]), 2, seed=0)
    assert column.name == name
    np.testing.assert_allclose(column.values, values)
    np.testing.assert_allclose(fitted.made(TABLE.take(np.array([0])))[0].values, values[:1])


def test_parts_of_dates_that_go_round_are_categories() -> None:
    for part, values in (("month", ["12", "", "1"]), ("weekday", ["3", "", "3"]), ("hour", ["7", "", "0"])):
        (column,) = DatePart(part, "from").made(TABLE)
        assert column.kind == "categorical"
        assert column.values.tolist() == values
        assert column.missing.tolist() == [False, True, False]


def test_bins_have_as_many_rows_each_and_new_rows_fall_into_them() -> None:
    table = Table((number_column("x", np.arange(100.0)),), 100)
    fitted, (column,) = Bins("x").fit(table, np.zeros(100, dtype=np.int64), 2, seed=0)
    assert np.unique(column.values, return_counts=True)[1].tolist() == [10] * 10
    new = Table((number_column("x", np.array([-5.0, 500.0, np.nan])),), 3)
    assert fitted.made(new)[0].values.tolist() == ["0", "9", ""]


CITIES = Table((category_column("city", np.repeat([0, 1, 2], [30, 20, 10])),), 60)
NEW = Table((category_column("city", np.array([0, 7])),), 2)


def test_counts_are_those_of_training_rows() -> None:
    fitted, (column,) = Count("city").fit(CITIES, np.zeros(60, dtype=np.int64), 2, seed=0)
    assert column.values[[0, 40, 59]].tolist() == [30, 20, 10]
    assert fitted.made(NEW)[0].values.tolist() == [30, 0]


def test_a_target_encoding_of_a_training_row_does_not_read_its_label() -> None:
    codes = (np.arange(60) < 30).astype(np.int64)
    encoding = TargetEncoding("city")
    fitted, (column,) = encoding.fit(CITIES, codes, 2, seed=0)
    # 30 of 30 rows, drawn towards a half by ten rows; a new city gets the half
    np.testing.assert_allclose(fitted.made(NEW)[0].values, [(30 + 10 * 0.5) / 40, 0.5])
    for row in (0, 45):
        other = codes.copy()
        other[row] = 1 - other[row]
        assert encoding.fit(CITIES, other, 2, seed=0)[1][0].values[row] == column.values[row]
    three = encoding.fit(CITIES, np.arange(60) % 3, 3, seed=0)[1]
    assert [one.name for one in three] == [f"city, target-encoded, class {at}" for at in (1, 2, 3)]


def test_candidates_are_those_that_the_columns_allow() -> None:
    columns = (number_column("zero", np.zeros(20)), number_column("sign", np.linspace(-1, 1, 20)), *CITIES.columns)
    table = Table(
        tuple(one.take(np.arange(0, 60, 3) if len(one.values) == 60 else np.arange(20)) for one in columns), 20
    )
    names = [one.name for one in usual_candidates(table, np.arange(20) % 2)]
    assert names == ["sign in bins", "count of city", "city, target-encoded"]
    of_dates = [one.name for one in usual_candidates(TABLE.only(["from", "to"]), np.array([0, 1, 0]))]
    assert of_dates == [
        f"{part} of {name}" for name in ("from", "to") for part in ("year", "month", "weekday", "hour")
    ] + ["from - to"]
