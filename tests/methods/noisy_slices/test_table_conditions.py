"""Conditions on a whole table, and the table without what should not matter."""

from __future__ import annotations

import numpy as np

from dechaff.core.table import Table
from dechaff.methods.noisy_slices.table_conditions import blind_table, finer_conditions, table_conditions
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
