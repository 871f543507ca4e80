"""New rows behind those of a Parquet file: each is another row of it with some cells written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from dechaff.data.formats.part import FilePart
from dechaff.data.memory.frames import Frame
from dechaff.data.source import AddedRows
from dechaff.typing import Rows


@dataclass
class RowsBehind:
    """Makes the new rows of one file while its parts are written one after the other."""

    rows: AddedRows
    _made: list[tuple[Rows, Any]] = field(default_factory=list)
    """Places among the new rows, and a table of the rows at these places."""

    def taken(self, part: FilePart, frame: Frame, label: str, labels: Mapping[int, Any]) -> Frame:
        """The table of a part with the new column, from which the rows of its children are made.

        Parameters
        ----------
        part, frame : the part of the file, and its table with the cells that reviewers wrote.
        label, labels : the label column, and by row of the part a new label as the file holds it.
        """
        names = list(map(str, part.rows.tolist()))
        if self.rows.id_name:
            names = list(map(str, frame.column(frame.names.index(self.rows.id_name))))
        frame = replace(frame, native=frame.labelled(self.rows.column, names))
        parents = self.rows.parents
        places = np.flatnonzero((parents >= part.first_row) & (parents < part.first_row + part.n_rows))
        while len(places):  # one child of each row at a time
            rows, first = np.unique(parents[places] - part.first_row, return_index=True)
            self._made.append((places[first], self._children(frame, rows, places[first], label, labels)))
            places = np.delete(places, first)
        return frame

    def added(self) -> list[Any]:
        """Tables that have all new rows in their order."""
        if not self._made:
            return []
        sizes = [len(places) for places, _ in self._made]
        order = np.argsort(np.concatenate([places for places, _ in self._made]))
        table, at = np.repeat(np.arange(len(sizes)), sizes)[order], np.concatenate([*map(np.arange, sizes)])[order]
        starts = np.flatnonzero(np.r_[True, (np.diff(table) != 0) | (np.diff(at) != 1)])
        lengths = np.diff(np.r_[starts, len(order)])
        return [
            self._made[table[start]][1].slice(int(at[start]), int(length))
            for start, length in zip(starts.tolist(), lengths.tolist(), strict=True)
        ]

    def _children(self, frame: Frame, rows: Rows, places: Rows, label: str, labels: Mapping[int, Any]) -> Any:
        chosen = np.zeros(len(frame.column(0)), dtype=np.bool_)
        chosen[rows] = True
        children = replace(frame, native=frame.changed(chosen, label, labels))
        for name, cells in self.rows.cells.items():
            new = {at: cell for at, place in enumerate(places.tolist()) if (cell := cells[place]) is not None}
            children = children.with_cells(name, new) if new else children
        return children.native
