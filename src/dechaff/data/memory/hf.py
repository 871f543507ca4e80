"""A Hugging Face dataset: rows by column name, ``select`` and ``map``, and class names in its features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dechaff.data.columns.cells import Cells, cells_from_values
from dechaff.data.columns.names import unknown_class
from dechaff.typing import Json, Mask


@dataclass(frozen=True)
class HuggingFaceDataset:
    """A Hugging Face dataset, known by what it can do: ``column_names``, ``features``, ``select``, ``map``."""

    native: Any
    kind: str = "Hugging Face dataset"

    def cells(self) -> tuple[Cells, ...]:
        """Every column; a column of class numbers shows its class names."""
        return tuple(cells_from_values(name, self._values(name)) for name in self.native.column_names)

    def index(self) -> tuple[list[str], str] | None:
        """Nothing: a dataset has no index."""
        return None

    def value(self, name: str, row: int) -> Any:
        """One cell, a class by its name."""
        return self._values(name)[row]

    def changed(self, keep: Mask, name: str, values: Mapping[int, Any]) -> Any:
        """The dataset with some cells of one column set, and some rows left out."""
        dataset = self.native
        if values:
            stored = {row: self._stored(name, value) for row, value in values.items()}

            def with_new_label(record: Json, row: int) -> Json:
                return {name: stored[row]} if row in stored else {}

            dataset = dataset.map(with_new_label, with_indices=True)
        return dataset if np.all(keep) else dataset.select([int(row) for row in np.flatnonzero(keep)])

    def _stored(self, name: str, value: Any) -> Any:
        names = self._class_names(name)
        if not names:
            return value
        if value not in names:
            raise unknown_class(str(value), names)
        return names.index(value)

    def _values(self, name: str) -> list[Any]:
        cells = list(self.native[name])
        names = self._class_names(name)
        if not names:
            return cells
        return named_classes(cells, names)

    def _class_names(self, name: str) -> list[str]:
        features = getattr(self.native, "features", None) or {}
        return list(getattr(features.get(name), "names", None) or [])


@dataclass(frozen=True)
class ClassTable:
    """A table in which numbers of classes stand for their names, as Hugging Face keeps it on disk."""

    table: Any
    classes: Mapping[str, list[str]]

    @property
    def native(self) -> Any:
        """The table."""
        return self.table.native

    @property
    def kind(self) -> str:
        """The library's name."""
        return str(self.table.kind)

    def cells(self) -> tuple[Cells, ...]:
        """Every column; a column of class numbers shows its class names."""
        found: tuple[Cells, ...] = self.table.cells()
        return tuple(
            cells_from_values(one.name, self._names(one.name)) if one.name in self.classes else one for one in found
        )

    def index(self) -> tuple[list[str], str] | None:
        """Nothing: a table has no index."""
        return None

    def value(self, name: str, row: int) -> Any:
        """One cell, a class by its name."""
        return self._names(name)[row] if name in self.classes else self.table.value(name, row)

    def changed(self, keep: Mask, name: str, values: Mapping[int, Any]) -> Any:
        """The table with some cells of one column set, and some rows left out."""
        names = self.classes.get(name)
        if names is not None:
            for value in set(values.values()) - set(names):
                raise unknown_class(str(value), names)
            values = {row: names.index(value) for row, value in values.items()}
        return self.table.changed(keep, name, values)

    def _names(self, name: str) -> list[Any]:
        return named_classes(self.native.column(name).to_pylist(), self.classes[name])


def named_classes(cells: Sequence[Any], names: Sequence[str]) -> list[Any]:
    """The names of classes by their numbers; None if there is none."""
    return [names[cell] if cell is not None and 0 <= cell < len(names) else None for cell in cells]
