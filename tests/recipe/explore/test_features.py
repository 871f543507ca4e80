"""F001, F002, F004 and F007: columns that a model should not see, or does not need."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import polars as pl

from dechaff.data.open import open_data
from dechaff.recipe.audit_out_of_core import DRIFT
from dechaff.recipe.explore.explore import DETECTORS
from dechaff.recipe.explore.features import identifier_columns, leaking_columns, leaking_gaps, redundant
from dechaff.recipe.explore.view import View
from dechaff.recipe.passes.sample_fit import OF_COLUMNS

N = 500
RNG = np.random.default_rng(4)
SICK = RNG.random(N) < 0.4
TABLE = pl.DataFrame(
    {"age": RNG.normal(50, 10, N) + 4 * SICK, "sex": RNG.choice(["f", "m"], N), "label": np.where(SICK, "sick", "well")}
)


def view(name: str, values: list[object]) -> View:
    return View(open_data(TABLE.with_columns(pl.Series(name, values)), label="label").train)


def leaks(values: list[object]) -> list[str]:
    return [one.field for one in leaking_columns(view("added", values)).findings]


def test_copies_of_the_label_with_slips_or_gaps_are_leaks() -> None:
    wrong = RNG.random(N) < 0.05
    assert leaks(np.where(SICK ^ wrong, "b", "a").tolist()) == ["added"]
    codes = np.where(SICK, "b", "a").tolist()
    filled = [code if known else None for code, known in zip(codes, RNG.random(N) < 0.3, strict=True)]
    assert leaks(filled) == ["added"]
    assert leaks([f"seen on ward {i} and discharged as {'ill' if one else 'fine'}" for i, one in enumerate(SICK)]) == [
        "added"
    ]


def test_a_strong_feature_whose_exceptions_are_odd_in_other_ways_is_no_leak() -> None:
    age = TABLE["age"].to_numpy()
    odd = (age > np.quantile(age[~SICK], 0.9)) & ~SICK
    assert leaks(np.where(SICK | odd, "b", "a").tolist()) == []


def test_times_of_day_that_hardly_repeat_identify_the_rows_and_days_do_not() -> None:
    start = datetime(2024, 1, 1)
    found = identifier_columns(view("at", [start + timedelta(seconds=7919 * i) for i in range(N)])).findings
    assert [one.field for one in found] == ["at"]
    assert not identifier_columns(view("on", [start + timedelta(days=i) for i in range(N)])).findings


def redundant_in(values: list[object]) -> list[str]:
    return [one.field for one in redundant(view("added", values)).findings]


def test_copies_in_another_unit_are_redundant_and_related_columns_are_not() -> None:
    age = TABLE["age"].to_numpy()
    assert redundant_in((365.25 * age).round().tolist()) == ["added"]
    assert redundant_in(np.where(TABLE["sex"] == "f", "female", "male").tolist()) == ["added"]
    assert redundant_in((age + RNG.normal(0, 2, N)).tolist()) == []
    city = RNG.integers(0, 12, N)
    cities = TABLE.with_columns(pl.Series("city", [f"city {one}" for one in city]))
    coarser = cities.with_columns(pl.Series("state", [f"state {one // 4}" for one in city]))
    assert not redundant(View(open_data(coarser, label="label").train)).findings, "it holds for cities that are new"


def test_gaps_that_depend_on_the_label_leak_and_those_that_hardly_do_are_left() -> None:
    def gaps(sick: float, well: float) -> list[str]:
        empty = RNG.random(N) < np.where(SICK, sick, well)
        values = np.where(empty, None, RNG.normal(size=N).astype(object)).tolist()
        return [one.why for one in leaking_gaps(view("discharged", values)).findings]

    (why,) = gaps(0.8, 0.1)
    assert why.startswith("discharged is empty in ")
    assert "whose label is sick, and in" in why
    assert gaps(0.1, 0.8)
    assert not gaps(0.4, 0.25)
    assert not gaps(0.3, 0.3)


def test_out_of_core_as_in_memory_every_check_of_columns_runs_on_the_sample() -> None:
    looked_for = {code for code, _ in DETECTORS if code.startswith("F")}
    assert looked_for == {*OF_COLUMNS, *DRIFT} - {"S002"}
