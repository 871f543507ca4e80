"""All strategies one after the other."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks._made_cells import flights, with_slips
from benchmarks.cell_errors import scored

from dechaff.methods.cells.cell_columns import CellColumn
from dechaff.recipe.explore.cell_errors import find_cells
from tests.shared_data import shared

Cells = dict[str, np.ndarray]  # type: ignore[type-arg]


def shop(n: int = 600, seed: int = 0) -> Cells:
    rng = np.random.default_rng(seed)
    towns = {"Hamburg": "Germany", "Munich": "Germany", "Vienna": "Austria", "Salzburg": "Austria", "Zurich": "Suisse"}
    town = rng.choice(list(towns), n)
    start = np.datetime64("2024-01-01") + rng.integers(0, 300, n)
    return {
        "order": np.array([f"K{number:05}" for number in rng.permutation(n)], dtype=object),
        "town": town.astype(object),
        "land": np.array([towns[one] for one in town], dtype=object),
        "weight": np.array([f"{value:.1f}" for value in rng.normal(60, 8, n)], dtype=object),
        "ordered": start.astype(str).astype(object),
        "delivered": (start + rng.integers(1, 9, n)).astype(str).astype(object),
    }


def test_a_clean_table_has_no_errors() -> None:
    found = find_cells({name: CellColumn.of(name, cells) for name, cells in shop().items()})
    assert found.doubts == {}
    assert len(found.rules) > 5


@pytest.mark.parametrize("seed", range(3))
def test_slips_are_found_and_repaired(seed: int) -> None:
    _, precision, _, f1, repair = scored(*with_slips(shop(seed=seed), seed=seed))
    assert precision > 0.9
    assert f1 > 0.8
    assert repair > 0.3


@pytest.mark.parametrize("seed", range(3))
def test_several_sources_are_fused(seed: int) -> None:
    _, precision, _, f1, repair = scored(*flights(n_flights=40, seed=seed))
    assert precision > 0.95
    assert f1 > 0.86
    assert repair > 0.7


def test_the_order_of_rows_and_columns_changes_nothing() -> None:
    dirty, _ = with_slips(shop(), rate=0.03)
    order = np.random.default_rng(3).permutation(600)
    one = find_cells({name: CellColumn.of(name, cells) for name, cells in dirty.items()}).doubts
    other = find_cells({name: CellColumn.of(name, cells[order]) for name, cells in dirty.items()}).doubts
    assert {(int(order[row]), name): doubt.suggested for (row, name), doubt in other.items()} == {
        cell: doubt.suggested for cell, doubt in one.items()
    }


@pytest.mark.shared_data
@pytest.mark.parametrize(("name", "detection", "repair"), [("hospital", 0.95, 0.92), ("beers", 0.99, 0.96)])
def test_the_sets_of_the_literature(name: str, detection: float, repair: float) -> None:
    from benchmarks.cell_errors import read

    dirty, clean = (read(shared(f"cells_{name}") / f"{kind}.csv") for kind in ("dirty", "clean"))
    *_, f1, repaired = scored(dirty, clean)
    assert f1 >= detection
    assert repaired >= repair
