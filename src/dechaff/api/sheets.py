"""Sheets for reviewers: beside each row, its cells in the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from dechaff.api.review.rows import rows_of_run
from dechaff.data.dataset import Dataset
from dechaff.errors import DechaffError
from dechaff.records.decisions_csv import Sheet
from dechaff.records.run import Run

_LONGEST = 32_000
"""Characters of a cell; a spreadsheet holds 32,767."""


def sheet_with_cells(sheet: Mapping[str, Sequence[str]], run: Run, data: Dataset | None, source: Any) -> Sheet:
    """A sheet with a column ``row``, and behind its columns those of the data; without them if they cannot be read.

    Parameters
    ----------
    sheet : columns of text, of one length; lines that are about no row have an empty ``row``.
    run, data, source : as an `Audit` has them.
    """
    made = {name: list(cells) for name, cells in sheet.items()}
    content = _cells_of(sorted({row for row in made["row"] if row}), run, data, source)
    for name in dict.fromkeys(name for cells in content.values() for name in cells):
        shown = name if name not in sheet else f"{name} (data)"
        made[shown] = [content.get(row, {}).get(name, "")[:_LONGEST] for row in made["row"]]
    return made


def _cells_of(names: Sequence[str], run: Run, data: Dataset | None, source: Any) -> dict[str, dict[str, str]]:
    """Row -> column -> cell, for the rows of some names."""
    rows, id_name = rows_of_run(run, data, source), run.metrics.dataset.id
    lines = run.row_names.with_row_index("place").filter(pl.col("row").is_in(list(names)))
    found = {}
    try:
        for place, row, key in lines.select("place", "row", "key").iter_rows():
            found[row] = {name: text for name, text in rows.cells(place, row, key) if name != id_name}
    except DechaffError:
        return {}
    return found
