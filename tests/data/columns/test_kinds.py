import datetime as dt
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from dechaff.core.table import Table
from dechaff.data.columns.cells import cells_from_text, cells_from_values
from dechaff.data.columns.kinds import build_column, date_format, parse_dates, plan_column
from dechaff.data.columns.numbers import parse_numbers
from dechaff.data.open import open_data
from dechaff.models.choose import candidate_models

WORDS = ["a good film", "not so good a film", "bad, bad film", "what a film that was"]


def kind_of(values, name="x", **options):
    plan = plan_column(cells_from_text(name, values), **options)
    return plan and plan.kind


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["1", "2.5", "-3e2", ""], "numeric"),
        (["1", "2", "3", "4"], "numeric"),
        (["0", "1"] * 10, "categorical"),
        (["00123", "04567", "1", "2"], "categorical"),
        (["red", "blue", "red", "blue"], "categorical"),
        (["yes", "no", "", "no"], "categorical"),
        (WORDS, "text"),
        (["これは良い映画です", "悪い映画でした", "とても面白い話だった", "退屈な映画だった"], "text"),
        (["2024-01-31", "2024-02-01"], "datetime"),
        (["31.12.2024 10:30", "01.01.2025 11:00"], "datetime"),
        (["1.5", "2.5", "abc"], "categorical"),
        (["12 oz", "16 oz", "12 oz", "16 oz"], "categorical"),
        (["", "", ""], "categorical"),
        (["1.2.3", "1.2.4"], "categorical"),
        (["1_000", "2_000"], "categorical"),
    ],
)
def test_the_kind_is_told_from_the_cells(values, kind):
    assert kind_of(values) == kind


def test_placeholders_leave_a_column_numeric():
    cells = cells_from_text("age", ["1.5", "?", "NA", "-", "2.5", "3.5"])
    plan = plan_column(cells)
    column = build_column(cells, plan)
    assert column.kind == "numeric"
    assert column.missing.tolist() == [False, True, True, True, False, False]
    assert column.raw.tolist() == ["1.5", "?", "NA", "-", "2.5", "3.5"]
    assert "3 cells that hold no number ('?', 'NA', '-')" in plan.note


def test_a_few_odd_cells_leave_a_column_numeric_and_many_do_not():
    numbers = [str(number / 2) for number in range(38)]
    assert kind_of([*numbers, "abc", "12 kg"]) == "numeric"
    assert kind_of([*numbers[:20], *["abc"] * 4]) != "numeric"


def test_decimal_commas_are_read():
    cells = cells_from_text("price", ["1,5", "2,25", "-3", ""])
    column = build_column(cells, plan_column(cells))
    np.testing.assert_array_equal(column.values, [1.5, 2.25, -3, np.nan])


def test_codes_by_name_are_categories():
    assert kind_of(["10115", "10117", "80331"], name="zip_code") == "categorical"


def test_short_strings_that_stand_alone_are_text():
    assert kind_of(["anna", "bert", "carla", "dora"], alone=True) == "text"
    assert kind_of(["anna", "bert", "carla", "dora"]) == "categorical"


def test_long_texts_stay_text_though_they_repeat():
    assert kind_of([f"{word} and then some {number % 30}" for word in WORDS for number in range(100)]) == "text"


def test_stored_types_decide():
    day = dt.date(2024, 1, 1)
    for values, kind in (
        ([True, False, None], "categorical"),
        ([1, 2, None], "numeric"),
        ([1.5, float("nan")], "numeric"),
        ([day, None], "datetime"),
        ([dt.datetime(2024, 1, 1, tzinfo=dt.UTC)], "datetime"),
        ([np.datetime64("2024-01-01"), np.datetime64("NaT", "D")], "datetime"),
        ([None, None], "categorical"),
        ([1, "a"], "categorical"),
    ):
        assert plan_column(cells_from_values("x", values)).kind == kind
    assert plan_column(cells_from_values("x", [[1], None])) is None
    assert plan_column(cells_from_values("x", [1, 2, 3], category=True)).kind == "categorical"


def test_missing_cells_are_empty_in_every_kind():
    cells = cells_from_text("x", ["red", " ", "", "blue"])
    column = build_column(cells, plan_column(cells))
    assert column.missing.tolist() == [False, True, True, False]
    assert column.values.tolist() == ["red", "", "", "blue"]


@pytest.mark.parametrize(
    ("cells", "format"),
    [
        (["2024-01-31", "2024-02-01"], "%Y-%m-%d"),
        (["31/12/2024", "01/02/2025"], "%d/%m/%Y"),
        (["12/31/2024", "01/02/2025"], "%m/%d/%Y"),
        (["1/2/2025", "3/4/2025"], "%m/%d/%Y"),
        (["2024-01-31T10:00:00Z", "2024-01-31T11:00:00+02:00"], "%Y-%m-%dT%H:%M:%S%.f%#z"),
        (["2024-01-31 10:00:00.125", "2024-01-31 11:00:00"], "%Y-%m-%d %H:%M:%S%.f"),
        (["2024-13-31", "2024-14-01"], ""),
        (["soon", "later"], ""),
    ],
)
def test_the_format_of_dates_is_told(cells, format):
    assert date_format(pl.Series(cells)) == format


def test_dates_become_seconds():
    np.testing.assert_array_equal(
        parse_dates(pl.Series(["1970-01-02T01:00:00+01:00", "x"]), "%Y-%m-%dT%H:%M:%S%.f%#z"), [86400, np.nan]
    )


def test_numbers_are_plain_digits():
    cells = ["+5", ".5", "5.", "1e-3", "nan", "inf", "-Infinity", "0x10", "1_0", "1,5", "٣", "1 2", "1e999"]
    np.testing.assert_array_equal(parse_numbers(pl.Series(cells)), [5, 0.5, 5, 0.001, *[np.nan] * 9])


def test_numbers_that_name_the_rows_are_no_feature_unless_nothing_else_is_left():
    numbers = (np.random.default_rng(0).permutation(600) + 100_000).tolist()
    rows = {"article": numbers, "size": np.linspace(0, 1, 600).tolist(), "label": ["a", "b"] * 300}
    train = open_data(rows, label="label").train
    assert [(one.name, one.kind) for one in train.table.columns] == [("article", "identifier"), ("size", "numeric")]
    assert ("identifier column", "--numeric") in [(one.what, one.flag) for one in train.assumptions]
    train = open_data(rows, label="label", numeric=["article"]).train
    assert [one.kind for one in train.table.columns] == ["numeric", "numeric"]
    train = open_data({name: rows[name] for name in ("article", "label")}, label="label").train
    assert [one.kind for one in train.table.columns] == ["numeric"]


def test_no_model_sees_numbers_that_name_the_rows():
    rng = np.random.default_rng(0)
    rows = {"article": rng.permutation(600).tolist(), "size": rng.normal(size=600), "label": ["a", "b"] * 300}
    table = open_data(rows, label="label").train.table
    for model in candidate_models(table):
        with_number = model.fit(table, None, np.arange(600) % 2, 2, seed=0)
        other = table["article"].values[::-1]
        moved = Table((replace(table["article"], values=other), table["size"]), 600)
        np.testing.assert_array_equal(with_number.probs(table), with_number.probs(moved))
