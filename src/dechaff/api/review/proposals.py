"""Proposals of another program, as a CSV of row ids and suggested labels: what to label next, and with what."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path

import numpy as np

from dechaff.api.review.desk import PROPOSALS, Desk
from dechaff.data.columns.names import closest
from dechaff.errors import InputError
from dechaff.records.decisions_csv import read_text
from dechaff.records.review_state import ReviewState
from dechaff.records.run import json_bytes
from dechaff.typing import Rows

_LABELS = ("label", "suggested", "suggestion")


def read_proposals(path: str | os.PathLike[str]) -> dict[str, str]:
    """Row -> suggested label or nothing, in the order of the file.

    Raises
    ------
    InputError
        If the file cannot be read, or has no column row.
    """
    text = read_text(Path(path), of="proposals", fix="Write a CSV of the columns row and label; label may be empty.")
    reader = csv.DictReader(io.StringIO(text, newline=""))
    names = reader.fieldnames or []
    label = next((name for name in _LABELS if name in names), "")
    if "row" not in names:
        raise InputError(f"the proposals {path}", "have the column row, and label if labels are suggested",
                         ", ".join(names) or "an empty file",
                         "Name the columns row and label.")  # fmt: skip
    return {line["row"]: (line.get(label) or "") for line in reader}


def import_proposals(desk: Desk, path: str | os.PathLike[str]) -> int:
    """Keep the rows of a CSV, in its order, with what it suggests for each; the number of rows."""
    found = read_proposals(path)
    unlabelled = _unlabelled(desk)
    for number, (row, name) in enumerate(found.items(), start=2):
        if row not in unlabelled:
            raise InputError(f"the row in line {number} of {Path(path).name}", "be a row without a label", repr(row),
                             "Leave out rows that have a label; label errors are found by the audit.")  # fmt: skip
        if name and name not in desk.classes:
            near = closest(name, list(desk.classes)) or list(desk.classes[:6])
            raise InputError(f"the label in line {number} of {Path(path).name}", "be one of the classes", repr(name),
                             f"Write one of: {', '.join(near)}.")  # fmt: skip
    desk.run.write({PROPOSALS: json_bytes(found)})
    return len(found)


def proposed_order(desk: Desk, state: ReviewState) -> Rows:
    """All findings: those of rows without a label in the order of the proposals, then the others by score."""
    order = state.index.order("score")
    place = {row: at for at, row in enumerate(desk.proposed)}
    rows = _unlabelled(desk)
    first = sorted((place[row], number) for row, number in rows.items() if row in place)
    numbers = np.array([number for _, number in first], dtype=np.int64)
    return np.concatenate([numbers, order[~np.isin(order, numbers)]])


def _unlabelled(desk: Desk) -> dict[str, int]:
    """Row -> its finding, of the rows without a label."""
    index = desk.index
    numbers = np.flatnonzero(index.code == index.numbers["codes"]["L003"])
    return {item.row: int(n) for n, item in zip(numbers, index.items(numbers.tolist()), strict=True)}
