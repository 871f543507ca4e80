"""Examples of what each operation makes of some training rows, whether it was accepted or not."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from dechaff.core.table import Column
from dechaff.data.dataset import Dataset
from dechaff.estimators.augmentation.search import Search
from dechaff.estimators.augmentation.study import AugmentationStudy, Candidate
from dechaff.recipe.explore.labels import given_labels
from dechaff.records.augmented import MadeRow
from dechaff.typing import Rows, Texts

_MOST, _CELLS, _FROM, _SEED = 6, 5, 500, 2**31 - 2
_MOST_DECIMALS = 6


def example_rows(search: Search, study: AugmentationStudy, rows: Dataset) -> dict[str, tuple[MadeRow, ...]]:
    """Words of a candidate -> rows that it changed: one candidate per operation, the one that gained most.

    Parameters
    ----------
    search, study : what was tried, and the outcome.
    rows : the labelled training rows.
    """
    chosen: dict[str, Candidate] = {}
    for one in study.tried:
        chosen.setdefault(one.candidate.operation.name, one.candidate)
    if study.accepted is not None:
        chosen[study.accepted.operation.name] = study.accepted
    found = {}
    for candidate in chosen.values():
        with suppress(Exception):  # of an operation that fails: its error is listed where it was tried
            found[candidate.words] = _examples(search, candidate, rows)
    return {words: some for words, some in found.items() if some}


def _examples(search: Search, candidate: Candidate, rows: Dataset) -> tuple[MadeRow, ...]:
    some = np.unique(np.linspace(0, len(rows) - 1, _FROM).astype(int))
    made, parents = search.augmented(candidate, some, _SEED, copies=1)
    cells = changed_cells(rows, made, parents)
    places = np.flatnonzero([any(column[at] is not None for _, column in cells.values()) for at in range(len(parents))])
    shown = places[np.unique(np.linspace(0, len(places) - 1, _MOST).astype(int))] if len(places) else places
    return tuple(_example(rows, cells, int(parents[at]), at) for at in shown.tolist())


def _example(rows: Dataset, cells: Mapping[str, tuple[bool, list[str | None]]], parent: int, at: int) -> MadeRow:
    raw = {column.name: str(column.raw[parent]) for column in rows.table.columns}
    changed = [(name, raw[name], new) for name, (_, column) in cells.items() if (new := column[at]) is not None]
    label = str(given_labels(rows.take(np.array([parent])))[0])
    return MadeRow(str(rows.ids[parent]), label, tuple(changed[:_CELLS]), max(0, len(changed) - _CELLS))


def changed_cells(rows: Dataset, made: pl.DataFrame, parents: Rows) -> dict[str, tuple[bool, list[str | None]]]:
    """Column -> whether it has numbers, and the cells of the new rows; None for those that are as in the parent."""
    found: dict[str, tuple[bool, list[str | None]]] = {}
    for column in rows.table.columns:
        new = cells_as_text(column, made[column.name].to_numpy(), parents)
        old = column.raw[parents].tolist()
        cells = [one if one != was else None for one, was in zip(new, old, strict=True)]
        if any(cell is not None for cell in cells):
            found[column.name] = column.kind == "numeric", cells
    return found


def cells_as_text(column: Column, values: npt.NDArray[Any], parents: Rows) -> list[str]:
    """New cells as text: numbers with the decimals of their column; unchanged cells as in the parent."""
    old, raw = column.values[parents], column.raw[parents]
    if column.kind != "numeric":
        return [str(new) if new != was else str(text) for new, was, text in zip(values, old, raw, strict=True)]
    n = _decimals(column.raw)
    same = (values == old) | np.isnan(values)
    return [str(text) if kept else f"{new:.{n}f}" for new, kept, text in zip(values.tolist(), same, raw, strict=True)]


def _decimals(raw: Texts) -> int:
    """Most digits behind the point of a column."""
    ends = [text.rpartition(".")[2] for text in raw.tolist() if "." in text]
    return min(_MOST_DECIMALS, max(map(len, ends), default=0))
