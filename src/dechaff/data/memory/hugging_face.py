"""Data sets of Hugging Face, and tables in which numbers of classes stand for their names, as it keeps them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dechaff.data.columns.names import unknown_class
from dechaff.data.memory.frames import Frame
from dechaff.errors import DataError
from dechaff.typing import Json, Mask


@dataclass(frozen=True)
class _HuggingFaceDataset(Frame):
    """A Hugging Face dataset, known by what it can do: ``column_names``, ``features``, ``select``, ``map``."""

    kind: str = "Hugging Face dataset"

    @property
    def names(self) -> list[str]:
        return list(self.native.column_names)

    def column(self, place: int) -> list[Any]:
        return list(self.native[self.names[place]])

    def value(self, name: str, row: int) -> Any:
        return self.native[name][row]

    def changed(self, keep: Mask, name: str, values: Mapping[int, Any]) -> Any:
        dataset = self.native
        if values:

            def with_new_label(record: Json, row: int) -> Json:
                return {name: values[row]} if row in values else {}

            dataset = dataset.map(with_new_label, with_indices=True)
        return dataset if np.all(keep) else dataset.select([int(row) for row in np.flatnonzero(keep)])

    def labelled(self, name: str, values: Sequence[str | None]) -> Any:
        rest = self.native.remove_columns([name]) if name in self.names else self.native
        return rest.add_column(name, list(values))


@dataclass(frozen=True)
class ClassTable(Frame):
    """A table in which numbers of classes stand for their names, as Hugging Face keeps it; it shows the names."""

    table: Frame = field(kw_only=True)
    classes: Mapping[str, Sequence[str]] = field(kw_only=True)

    @classmethod
    def of(cls, table: Frame, classes: Mapping[str, Sequence[str]]) -> Frame:
        """The table, whose columns have these classes; itself if no column has any."""
        return cls(table.native, table.kind, table=table, classes=classes) if classes else table

    @property
    def names(self) -> list[str]:
        """Names of the columns."""
        return self.table.names

    def column(self, place: int) -> list[Any]:
        """The cells of one column, classes by their names."""
        cells, names = self.table.column(place), self.classes.get(self.names[place])
        return cells if names is None else [_class_name(cell, names) for cell in cells]

    def is_category(self, place: int) -> bool:
        """As the table has it."""
        return self.table.is_category(place)

    def value(self, name: str, row: int) -> Any:
        """One cell, a class by its name."""
        cell, names = self.table.value(name, row), self.classes.get(name)
        return cell if names is None else _class_name(cell, names)

    def with_cells(self, name: str, cells: Mapping[int, str]) -> Frame:
        """The same table with the cells of some rows written."""
        return ClassTable.of(self.table.with_cells(name, cells), self.classes)

    def changed(self, keep: Mask, name: str, values: Mapping[int, Any]) -> Any:
        """The table with some cells of one column set, and some rows left out."""
        names = self.classes.get(name)
        if names is not None:
            for value in set(values.values()) - set(names):
                raise unknown_class(str(value), names)
            values = {row: names.index(value) for row, value in values.items()}
        return self.table.changed(keep, name, values)

    def labelled(self, name: str, values: Sequence[str | None]) -> Any:
        """The table with a column of text, or of the numbers of its classes if the column has some."""
        if name not in self.classes:
            return self.table.labelled(name, values)
        return self.changed(
            np.ones(len(values), dtype=bool), name, {row: value for row, value in enumerate(values) if value}
        )


def _class_name(cell: Any, names: Sequence[str]) -> Any:
    return names[cell] if cell is not None and 0 <= cell < len(names) else None


def wrapped_dataset(dataset: Any) -> Frame:
    """A data set as a table that shows the names of its classes; a DataError for a dict of several."""
    if isinstance(dataset, dict):
        raise DataError(
            "the Hugging Face data",
            "be one data set",
            f"a dict of the data sets {', '.join(map(str, dataset))}",
            "Pass one of them, and another as test=…",
        )
    features = getattr(dataset, "features", None) or {}
    classes = {name: getattr(features.get(name), "names", None) or () for name in dataset.column_names}
    return ClassTable.of(_HuggingFaceDataset(dataset), {name: list(some) for name, some in classes.items() if some})
