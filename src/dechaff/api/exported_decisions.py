"""The decisions of a run as a sheet with the cells of their rows, written some rows at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from dechaff.api.review.rows import ReviewRows, rows_of_run
from dechaff.data.dataset import Dataset
from dechaff.errors import DechaffError
from dechaff.records.decided_rows import DecidedPiece
from dechaff.records.decisions import ACTIONS, current_state
from dechaff.records.decisions_csv import FIELDS, Sheet, decisions_sheet, sheet_bytes, sheet_lines
from dechaff.records.run import Run

LONGEST_CELL = 32_000
"""Characters of a cell; a spreadsheet holds 32,767."""


def decision_lines(run: Run, data: Dataset | None, source: Any) -> Iterator[bytes]:
    """The CSV of the decisions that hold, in the order of the rows; its first line first.

    Parameters
    ----------
    run, data, source : as an `Audit` has them. The columns of the data are left out if they cannot be read.
    """
    rows = rows_of_run(run, data, source)
    names: tuple[str, ...] | None = None
    for piece in run.pieces():
        sheet, cells = _sheet(run, piece, rows)
        if not sheet["row"]:
            continue
        if names is None:
            names = tuple(dict.fromkeys(name for one in cells for name in one))
            yield sheet_bytes({name: [] for name in (*sheet, *map(_shown, names))})
        yield sheet_lines(sheet | {_shown(name): [one.get(name, "")[:LONGEST_CELL] for one in cells] for name in names})
    if names is None:
        yield sheet_bytes({name: [] for name in FIELDS})


def _shown(name: str) -> str:
    """The name of a column of the data in the sheet."""
    return name if name not in FIELDS else f"{name} (data)"


def _sheet(run: Run, piece: DecidedPiece, rows: ReviewRows) -> tuple[Sheet, list[dict[str, str]]]:
    """The decisions about some rows, and the cells of each of these by column; no cells if they cannot be read."""
    decided = {key: event for key, event in current_state(piece.events).items() if event.action in ACTIONS}
    lines = piece.lines.filter(pl.col("key").is_in(list(decided))).select("place", "row", "key").rows()
    events = [decided[key] for _, _, key in lines]
    why, group = (run.finding_column(events, column) for column in ("why", "group"))
    try:
        id_name = run.metrics.dataset.id
        cells = [dict(one for one in rows.cells(*line) if one[0] != id_name) for line in lines]
    except DechaffError:
        cells = [{}] * len(lines)
    return decisions_sheet(events, why, group), cells
