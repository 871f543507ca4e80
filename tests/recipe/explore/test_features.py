"""F001 and F002: columns that a model should not see."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import polars as pl

from dechaff.data.open import open_data
from dechaff.recipe.explore.features import identifier_columns, leaking_columns
from dechaff.recipe.explore.view import View

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
