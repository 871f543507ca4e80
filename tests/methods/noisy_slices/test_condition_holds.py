from __future__ import annotations

import numpy as np

from dechaff.core.table import Column, Table
from dechaff.methods.noisy_slices.condition_holds import condition_holds
from dechaff.methods.noisy_slices.table_conditions import finer_conditions, table_conditions


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
    coarse = next(item for item in table_conditions(table, smallest=3, largest=100).items if item.is_range)
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
