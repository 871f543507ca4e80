"""Wrong cells once some rows were reviewed: what reviewers said of their cells is said of all cells like them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from dechaff.core.codes import factorize_objects
from dechaff.methods.cells.cell_columns import CellColumn, CellColumns, Doubt
from dechaff.methods.cells.reviewed_clusters import (
    DoubtedCell,
    ReviewedClusters,
    rare_corrections,
    repeated_changes,
    strategy_vector,
)
from dechaff.methods.cells.reviewed_sources import Truths, reviewed_sources
from dechaff.methods.cells.source_fusion import FusionRule, source_fusion
from dechaff.recipe.explore.cell_errors import FLAGGED, STRATEGIES, Cell, FoundCells, Strategy, find_cells

_PROPAGATED = 0.9
"""How sure a correction is where reviewers made it in other cells."""
_LEAST_UNCLEAR, _SAME_THING = 0.05, 10.0
"""What a review of a surely wrong cell still teaches; and how much less another row of the same thing does."""


def learn_cells(columns: CellColumns, truths: Truths) -> FoundCells:
    """The wrong cells of some rows, and what may be right, with the help of reviewed cells.

    Reviewed cells are no longer guessed. Sources that contradict each other are weighed by them; cells that the same
    strategies doubt share their reviews; and changes that were made again and again are made everywhere.

    Parameters
    ----------
    columns : the cells as they are.
    truths : row and column -> the right value of a reviewed cell; the given one if it was right.
    """
    # The cells are left as they are: corrected ones would no longer show what goes wrong, of which strategies learn.
    after = find_cells(columns, [_weighed(truths) if one is source_fusion else one for one in STRATEGIES])
    clusters = _clusters(after, columns, truths)
    doubts = {
        cell: doubt
        if _is_weighed(cell, after, columns)
        else replace(doubt, sure=clusters.sure(_doubted(cell, after, columns)))
        for cell, doubt in after.doubts.items()
        if cell not in truths
    }
    doubts |= _propagated(columns, truths, doubts)
    doubts = {cell: one for cell, one in doubts.items() if one.suggested != value_of(columns, cell)}
    doubts |= {cell: Doubt(value, 1.0, "A reviewer corrected it.") for cell, value in _wrong(columns, truths).items()}
    return replace(after, doubts=doubts, broken={cell: one for cell, one in after.broken.items() if cell in doubts})


def value_of(columns: CellColumns, cell: Cell) -> str:
    """What a cell holds."""
    return columns[cell[1]].cell(cell[0])


def _wrong(columns: CellColumns, truths: Truths) -> dict[Cell, str]:
    return {cell: value for cell, value in truths.items() if value != value_of(columns, cell)}


def _weighed(truths: Truths) -> Strategy:
    def strategy(columns: CellColumns) -> Sequence[FusionRule]:
        return reviewed_sources(source_fusion(columns), columns, truths)

    return strategy


def _clusters(found: FoundCells, columns: CellColumns, truths: Truths) -> ReviewedClusters:
    clusters = ReviewedClusters()
    for cell, value in sorted(truths.items()):
        if cell in found.doubts and not _is_weighed(cell, found, columns):
            clusters.add(_doubted(cell, found, columns), wrong=value != value_of(columns, cell))
    return clusters


def _doubted(cell: Cell, found: FoundCells, columns: CellColumns) -> DoubtedCell:
    doubt = found.doubts[cell]
    return DoubtedCell(cell[1], tuple(found.votes[cell]), (value_of(columns, cell), doubt.suggested), doubt.sure)


def _is_weighed(cell: Cell, after: FoundCells, columns: CellColumns) -> bool:
    """Whether sources say what the cell should be, and reviews say how much each of them counts."""
    rule = after.broken[cell]
    return isinstance(rule, FusionRule) and value_of(columns, (cell[0], rule.thing)) in rule.sure


def _propagated(columns: CellColumns, truths: Truths, known: Mapping[Cell, Doubt]) -> dict[Cell, Doubt]:
    """Corrections of reviewers, made in cells with the same value, or the same beginning or end."""
    pairs, kept = defaultdict[str, list[tuple[str, str]]](list), defaultdict[str, list[str]](list)
    for cell, value in sorted(truths.items()):
        given = value_of(columns, cell)
        if given == value:
            kept[cell[1]].append(given)
        else:
            pairs[cell[1]].append((given, value))
    found: dict[Cell, Doubt] = {}
    for name, changed in pairs.items():
        doubts = _in_column(columns[name], changed, kept[name])
        for row, code in enumerate(columns[name].codes.tolist()):
            cell, doubt = (row, name), doubts.get(code)
            if doubt is not None and cell not in truths and (cell not in known or known[cell].sure < FLAGGED):
                found[cell] = doubt
    return found


def _in_column(column: CellColumn, pairs: Sequence[tuple[str, str]], kept: Sequence[str]) -> dict[int, Doubt]:
    """Code of a value -> what reviewers made of cells like it."""
    corrections = rare_corrections(pairs, kept, dict(column.filled()))
    changes = repeated_changes(pairs, kept)
    found = {}
    for code, value in enumerate(column.values.tolist()):
        change = next((one for one in changes if one.fits(value)), None)
        if value in corrections:
            found[code] = Doubt(corrections[value], _PROPAGATED, f"Reviewers corrected {value!r} in another row.")
        elif change is not None:
            found[code] = Doubt(change.made(value), _PROPAGATED, "Reviewers changed cells with the same ends alike.")
    return found


def rows_to_review(columns: CellColumns, found: FoundCells, count: int) -> list[int]:
    """The rows from whose review most is learned: those whose cells stand for many others that are uncertain.

    A cell stands for its cluster, the doubted cells of its column with the same strategy vector; a cluster, and a thing
    of which several sources speak, counts less each time that one of its rows is chosen.
    """
    cells = sorted(found.doubts)
    if not cells:
        return []
    rows = np.array([row for row, _ in cells], dtype=np.int64)
    clusters = factorize_objects([f"{name} {strategy_vector(found.votes.get((row, name), ()))}" for row, name in cells])
    things = factorize_objects([_thing(cell, found, columns) for cell in cells])
    sure = np.array([found.doubts[cell].sure for cell in cells])
    # A review of a thing judges all sources that speak of it, and those that are surely wrong as well.
    fused = np.array([isinstance(found.broken.get(cell), FusionRule) for cell in cells])
    unclear = np.bincount(clusters, weights=np.where(fused, 0.25, _LEAST_UNCLEAR + sure * (1 - sure)))
    chosen: list[int] = []
    discount = np.ones(len(cells))
    for _ in range(min(count, len(np.unique(rows)))):
        gain = np.bincount(rows, weights=np.sqrt(unclear[clusters]) / discount)
        gain[chosen] = -1.0
        best = int(gain.argmax())
        chosen.append(best)
        mine = rows == best
        discount += np.isin(clusters, clusters[mine]) + _SAME_THING * np.isin(things, things[mine])
    return chosen


def _thing(cell: Cell, found: FoundCells, columns: CellColumns) -> str:
    """The thing that sources speak of in a cell; each other cell is a thing of its own."""
    rule = found.broken.get(cell)
    return value_of(columns, (cell[0], rule.thing)) if isinstance(rule, FusionRule) else str(cell)
