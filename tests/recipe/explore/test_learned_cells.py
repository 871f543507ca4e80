"""Wrong cells after some rows were reviewed."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks._made_cells import flights, with_slips
from benchmarks.cell_errors import f1

from dechaff.methods.cells.cell_columns import CellColumn, CellColumns
from dechaff.recipe.explore.cell_errors import FoundCells, find_cells
from dechaff.recipe.explore.learned_cells import learn_cells, rows_to_review
from tests.recipe.explore.test_cell_errors import shop

Table = dict[str, np.ndarray]  # type: ignore[type-arg]


def columns_of(cells: Table) -> CellColumns:
    return {name: CellColumn.of(name, one) for name, one in cells.items()}


def repair_f1(found: FoundCells, dirty: Table, clean: Table) -> float:
    repairs = {cell: one.suggested for cell, one in found.flagged.items() if one.suggested is not None}
    right = sum(clean[name][row] == value for (row, name), value in repairs.items() if dirty[name][row] != value)
    wrong = sum(int((dirty[name] != clean[name]).sum()) for name in dirty)
    return f1(right / max(len(repairs), 1), right / max(wrong, 1))


def reviewed(clean: Table, rows: list[int]) -> dict[tuple[int, str], str]:
    return {(row, name): str(clean[name][row]) for row in rows for name in clean}


def test_twenty_reviewed_rows_say_which_sources_to_believe() -> None:
    dirty, clean = flights(n_flights=40, seed=21, copying=0.6, leaders=2)
    columns = columns_of(dirty)
    before = find_cells(columns)
    after = learn_cells(columns, reviewed(clean, rows_to_review(columns, before, 20)))
    assert repair_f1(before, dirty, clean) < 0.75
    assert repair_f1(after, dirty, clean) > 0.85
    weighed = [one for (row, name), one in after.doubts.items() if "reviews found right" in one.why]
    assert weighed


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("proposed", [True, False])
def test_reviews_never_make_repairs_worse(seed: int, proposed: bool) -> None:
    dirty, clean = with_slips(shop(300, seed), seed=seed)
    columns = columns_of(dirty)
    before = find_cells(columns)
    rows = rows_to_review(columns, before, 20) if proposed else list(range(20))
    after = learn_cells(columns, reviewed(clean, rows))
    assert repair_f1(after, dirty, clean) >= repair_f1(before, dirty, clean)


def test_a_clean_table_stays_clean_after_reviews() -> None:
    cells = shop(300)
    assert learn_cells(columns_of(cells), reviewed(cells, [*range(20)])).doubts == {}


def test_reviewed_cells_are_settled_and_nothing_is_learned_of_nothing() -> None:
    dirty, _ = with_slips(shop(300), seed=3)
    columns = columns_of(dirty)
    before = find_cells(columns)
    assert learn_cells(columns, {}).doubts == before.doubts
    row, name = next(iter(before.flagged))
    kept = learn_cells(columns, {(row, name): str(dirty[name][row])})
    assert (row, name) not in kept.doubts, "a cell that a reviewer found right is doubted no more"
    corrected = learn_cells(columns, {(row, name): "something else"}).doubts[row, name]
    assert (corrected.suggested, corrected.sure) == ("something else", 1.0)


def test_a_correction_of_a_rare_value_and_one_that_was_made_three_times_are_made_everywhere() -> None:
    sizes = np.array([f"{n % 7 + 1} ml" if n % 3 else f"{n % 7 + 1}" for n in range(90)], dtype=object)
    code = np.array(["Qx" if n in (5, 15, 25) else "left" if n % 2 else "right" for n in range(90)], dtype=object)
    columns = columns_of({"size": sizes, "code": code})
    truths = {(row, "size"): str(sizes[row]).removesuffix(" ml") for row in range(9)} | {(5, "code"): "left"}
    found = learn_cells(columns, truths).doubts
    assert (found[15, "code"].suggested, found[25, "code"].suggested) == ("left", "left")
    assert all(found[row, "size"].suggested == str(sizes[row])[0] for row in range(9, 90) if row % 3)


def test_the_rows_to_review_are_of_different_things_and_not_more_than_are_doubted() -> None:
    dirty, _ = flights(n_flights=40, seed=0)
    columns = columns_of(dirty)
    rows = rows_to_review(columns, find_cells(columns), 20)
    assert len(set(rows)) == len({str(dirty["flight"][row]) for row in rows}) == 20
    assert rows_to_review(columns, FoundCells({}, ()), 20) == []
