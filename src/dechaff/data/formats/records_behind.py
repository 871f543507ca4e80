"""New records behind those of a text file: each is another record of it with some fields written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dechaff.data.formats.part import FilePart, PartText
from dechaff.data.source import AddedRows


@dataclass
class RecordsBehind:
    """Makes the new records of one file while its parts are written one after the other."""

    rows: AddedRows
    form: Any
    _made: dict[int, str] = field(default_factory=dict)
    """Place among the new rows -> its record."""

    def taken(self, part: FilePart, text: PartText, label: str, labels: Mapping[int, Any]) -> PartText:
        """The text of a part with the new column, from which the records of its children are made.

        Parameters
        ----------
        part, text : the part of the file, and its text with the cells that reviewers wrote.
        label, labels : the label column, and by row of the part a new label as the file holds it.
        """
        names = list(map(str, part.rows.tolist()))
        if self.rows.id_name:
            cells = part.read().column(self.rows.id_name)
            names = names if cells is None else list(map(str, cells.raw.tolist()))
        text = text.labelled(self.rows.column, [self._field(name) for name in names])
        here = (self.rows.parents >= part.first_row) & (self.rows.parents < part.first_row + part.n_rows)
        for place in np.flatnonzero(here).tolist():
            row = int(self.rows.parents[place]) - part.first_row
            record = text.record(row)
            if row in labels:
                record = self.form.with_field(record, label, labels[row])
            self._made[place] = self._child(record, place)
        return text

    def added(self, text: str) -> str:
        """The last text of the file with all new records behind it, in their order."""
        end = self.form.text.line_end
        if not text.endswith(("\n", "\r")):
            text += end
        return text + "".join(self._made[place] + end for place in sorted(self._made))

    def _child(self, record: str, place: int) -> str:
        for name, cells in self.rows.cells.items():
            cell = cells[place]
            if cell is not None:
                record = self.form.with_field(record, name, self._field(cell, number=name in self.rows.numbers))
        return record

    def _field(self, text: str, *, number: bool = False) -> str:
        """The text of a cell as the file holds it."""
        if self.form.dialect is not None or (number and text):
            return text
        return json.dumps(text or None, ensure_ascii=False)
