"""Conditions on a whole table, and the table without what should not matter."""

from __future__ import annotations

import numpy as np

from dechaff.core.table import Column, Table
from dechaff.methods.noisy_slices.table_conditions import (
    blind_table,
    condition_holds,
    finer_conditions,
    table_conditions,
)
from tests.recipe.made import column

AGES = [float(i) if i % 5 else None for i in range(20)]
TABLE = Table(
    (
        column("age", AGES),
        column("source", ["web"] * 5 + ["paper"] * 15, "categorical"),
        column("colour", ["red", "blue"] * 10, "categorical"),
        column("entered", [float(86_400 * i) for i in range(20)], "datetime"),
        column("note", [f"note {i} <br>" if i < 4 else f"note {i}" for i in range(20)], "text"),
        column("scan", [f"{i}.png" for i in range(20)], "image"),
    ),
    20,
)


def test_every_kind_of_column_has_its_conditions():
    words = [item.words for item in table_conditions(TABLE, smallest=2, largest=12).items]
    wanted = [
        "age is missing",
        "source is 'web'",
        "colour is 'red'",
        "entered > 1970-01-16",
        "note contains markup (<…>)",
    ]
    assert set(wanted) <= set(words)
    assert not any("scan" in one for one in words)


def test_no_condition_holds_on_fewer_or_more_rows_than_asked_for():
    sizes = table_conditions(TABLE, smallest=4, largest=10).holds.sum(axis=1)
    assert ((sizes >= 4) & (sizes <= 10)).all()


def test_only_ranges_have_finer_ones():
    items = {item.words: item for item in table_conditions(TABLE, smallest=2, largest=12).items}
    limits = {"smallest": 2, "largest": 12}
    assert finer_conditions(TABLE, items["entered > 1970-01-16"], **limits).items
    assert not finer_conditions(TABLE, items["source is 'web'"], **limits).items
    both = items["source is 'web'"].with_(items["entered > 1970-01-16"])
    assert not finer_conditions(TABLE, both, **limits).items


def test_a_blind_table_has_no_provenance_no_dates_and_no_gaps():
    blind = blind_table(TABLE, seed=0)
    assert blind.names == TABLE.names
    assert len(set(blind["source"].values)) == len(set(blind["entered"].values)) == 1
    assert not blind["age"].missing.any()
    assert set(blind["age"].values) <= {value for value in AGES if value is not None}


def test_columns_that_may_matter_stay_unless_they_are_to_be_hidden():
    assert blind_table(TABLE, seed=0)["colour"] is TABLE["colour"]
    assert len(set(blind_table(TABLE, hidden=("colour",), seed=0)["colour"].values)) == 1


def test_texts_and_images_are_never_hidden():
    blind = blind_table(TABLE, hidden=("note", "scan"), seed=0)
    assert blind["note"] is TABLE["note"]
    assert blind["scan"] is TABLE["scan"]


def test_a_table_with_nothing_to_hide_or_nothing_else_stays_itself():
    plain, all_of_it = Table((TABLE["colour"],), 20), Table((TABLE["source"],), 20)
    assert blind_table(plain, seed=0) is plain
    assert blind_table(all_of_it, seed=0) is all_of_it


def test_a_column_that_is_all_missing_stays_as_it_is():
    empty = Table((column("age", [None] * 20, "numeric"), TABLE["colour"]), 20)
    assert blind_table(empty, seed=0) is empty


def test_the_seed_decides_what_fills_the_gaps():
    first, again, other = (blind_table(TABLE, seed=seed)["age"].values for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def made(n: int = 120) -> Table:
    rng = np.random.default_rng(0)
    texts = np.array([f"{'bad <br> ' if row % 4 == 0 else ''}row {row % 7} and it goes on" for row in range(n)], object)
    kinds = np.array([["red", "blue", ""][row % 3] for row in range(n)], dtype=object)
    numbers = np.where(np.arange(n) % 11 == 0, np.nan, rng.normal(size=n))
    dates = np.arange(n) * 86_400.0
    columns = (
        ("text", "text", texts),
        ("kind", "categorical", kinds),
        ("x", "numeric", numbers),
        ("d", "datetime", dates),
    )
    return Table(
        tuple(
            Column(name, kind, values, _missing(values), values.astype(str).astype(object))  # type: ignore[arg-type]
            for name, kind, values in columns
        ),
        n,
    )


def _missing(values: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
    return np.isnan(values) if values.dtype.kind == "f" else values == ""


def test_every_condition_holds_on_the_rows_on_which_it_was_found() -> None:
    table = made()
    found = table_conditions(table, smallest=3, largest=100)
    assert len({item.columns for item in found.items}) == 4
    for place, item in enumerate(found.items):
        assert np.flatnonzero(condition_holds(item, table)).tolist() == found.rows(place).tolist(), item.words


def test_ranges_keep_their_exact_bounds_however_they_are_written() -> None:
    table = made()
    coarse = next(item for item in table_conditions(table, smallest=3, largest=100).items if item.bounds is not None)
    finer = finer_conditions(table, coarse, smallest=3, largest=100)
    for place, item in enumerate(finer.items):
        assert np.flatnonzero(condition_holds(item, table)).tolist() == finer.rows(place).tolist(), item.words


def test_both_conditions_of_a_pair_must_hold() -> None:
    table = made()
    items = table_conditions(table, smallest=3, largest=100).items
    red = next(item for item in items if item.words == "kind is 'red'")
    markup = next(item for item in items if "markup (<" in item.words)
    both = condition_holds(red.with_(markup), table)
    assert both.tolist() == (condition_holds(red, table) & condition_holds(markup, table)).tolist()
    assert 0 < both.sum() < len(table)
