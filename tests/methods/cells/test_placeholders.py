import numpy as np
import pytest

from dechaff.core.distinct import Distinct
from dechaff.methods.cells.placeholders import placeholder_dates, placeholder_numbers, placeholder_texts


def words(*cells: str) -> list[str]:
    return [found.value for found in placeholder_texts(Distinct.of(np.array(cells, dtype=object)))]


@pytest.mark.parametrize("cell", ["?", "N/A", "-", " null ", "NaN", "unknown", "Missing", "none", "#N/A"])
def test_spellings_of_nothing_are_found(cell: str) -> None:
    assert words("red", "blue", cell, "green") == [cell]


def test_a_sign_among_signs_is_a_value() -> None:
    assert words("+", "-", "+", "-") == []


def test_none_is_a_value_where_it_is_one_of_two() -> None:
    assert words("none", "some", "none", "some") == []


def test_test_is_junk_only_where_it_is_rare() -> None:
    assert words(*["train"] * 50, *["test"] * 50, "dev") == []
    assert words(*["fine words"] * 150, "other", "test") == ["test"]


def test_empty_cells_are_no_stand_ins() -> None:
    assert words("", "", "a", "b", "c") == []
    assert words() == []


NAN = float("nan")


def numbers(values: list[float]) -> list[str]:
    return [found.value for found in placeholder_numbers(np.array(values, dtype=float))]


def test_codes_of_nines_far_outside_are_found() -> None:
    ages = [float(age) for age in range(18, 80)]
    assert numbers([*ages, -999.0, -999.0, 9999.0, 9999.0]) == ["-999", "9999"]
    assert numbers([*ages, -99.0, -99.0, -999.0, -999.0]) == ["-999", "-99"]


def test_a_negative_code_in_a_skewed_column_of_amounts_is_found() -> None:
    income = np.exp(np.random.default_rng(0).normal(10, 1, 500)).clip(0, 100_000).round()
    codes = [-999.0] * 12 + [-99.0] * 4
    found = placeholder_numbers(np.concatenate([income, codes]))
    assert [(one.value, one.count) for one in found] == [("-999", 12), ("-99", 4)]
    assert placeholder_numbers(np.concatenate([income, -income[:20], codes])) == ()


def test_a_code_within_reach_of_the_values_is_a_value() -> None:
    assert numbers([float(score) for score in range(0, 100)] + [99.0] * 5) == []
    assert numbers([float(price) for price in range(0, 12000, 7)] + [9999.0] * 3) == []


def test_a_single_far_value_is_an_outlier_and_no_code() -> None:
    assert numbers([*map(float, range(50)), 9999.0]) == []


def test_minus_one_is_a_stand_in_only_beside_no_other_negative_value() -> None:
    days = [float(day) for day in range(200)]
    assert numbers([*days, *[-1.0] * 40]) == ["-1"]
    assert numbers([*days, -3.0, *[-1.0] * 40]) == []
    assert numbers([float(day % 30) for day in range(-1, 300)]) == []


def test_zero_is_a_stand_in_only_where_values_stay_away_from_it() -> None:
    pressure = [float(value) for value in range(45, 110)]
    assert numbers([*pressure, *[0.0] * 8]) == ["0"]
    assert numbers([*map(float, range(1, 80)), *[0.0] * 8]) == []
    assert numbers([*pressure, *[0.0] * 200]) == []


def test_heavy_tails_are_no_stand_ins() -> None:
    rng = np.random.default_rng(0)
    assert numbers(np.round(rng.lognormal(3, 2, 3000), 1).tolist()) == []
    assert numbers(np.round(rng.standard_cauchy(3000), 1).tolist()) == []


def test_codes_beside_the_answers_of_a_questionnaire_are_found() -> None:
    answers = [float(1 + i % 5) for i in range(200)]
    assert numbers([*answers, 99.0, 99.0, 98.0, 98.0]) == ["98", "99"]
    assert numbers([*answers, 77.0, 77.0, -99.0, -99.0]) == ["-99", "77"]
    assert numbers([*answers, 99.0]) == numbers([0.0, 1.0] * 50 + [99.0] * 2) == []
    assert numbers([80.0, 90.0, 95.0, 99.0] * 50) == []


def test_few_values_missing_cells_and_no_cells_do_no_harm() -> None:
    assert numbers([]) == numbers([NAN] * 5) == numbers([-1.0, 1.0] * 50) == []
    assert numbers([*map(float, range(30)), NAN, float("inf"), -999.0, -999.0]) == ["-999"]


def test_stock_dates_far_from_all_others_are_found() -> None:
    day, start = 86400.0, 1.5e9
    dates = [start + i * day for i in range(100)]
    found = placeholder_dates(np.array([*dates, 0.0, 0.0, -2208988800.0, NAN]))
    assert [(one.value, one.count) for one in found] == [("1970-01-01", 2)]
    assert placeholder_dates(np.array([i * 200 * day for i in range(-10, 10)])) == ()
