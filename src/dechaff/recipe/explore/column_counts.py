"""What is counted in the columns of all training rows: empty cells, placeholders, different values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice

import numpy as np

from dechaff.core.row_hash import row_hash
from dechaff.core.table import Column
from dechaff.methods.cells.placeholders import Placeholder, placeholder_dates, placeholder_numbers, placeholder_texts
from dechaff.records import record
from dechaff.typing import Mask

MOST_COLUMNS = 500
MOST_DISTINCT = 10_000
_NAMED_TO = 5e-6
"""Numbers are named by six digits; placeholders are far from all other values."""
_DAY = 86400


@dataclass
class ColumnCount:
    """What is counted in one column over some training rows."""

    empty: int = 0
    missing: int = 0
    values: set[int] = field(default_factory=set)
    """By their hashes: a text may be longer than all that is kept of it."""
    lowest: float = np.inf
    highest: float = -np.inf
    """Of a column of numbers, which may be spelled in several ways."""
    placeholders: dict[str, int] = field(default_factory=dict)
    of_all: int | None = None
    """Different values, if all rows are counted at once."""

    def add(self, column: Column) -> None:
        """The cells of one part."""
        self._count(column)
        if len(self.values) <= MOST_DISTINCT:
            # No more than are counted, so that a part of many values costs little.
            different = islice(set(column.raw[~column.missing].tolist()), MOST_DISTINCT + 1)
            self.values.update(row_hash(np.array(list(different), dtype=object)).tolist())

    def add_all(self, column: Column) -> None:
        """The cells of all rows, however many values are different."""
        self._count(column)
        present = column.distinct.codes[~column.missing]
        self.of_all = int(np.count_nonzero(np.bincount(present)))

    def _count(self, column: Column) -> None:
        self.missing += int(column.missing.sum())
        self.empty += int((column.missing & (column.raw == "")).sum())
        for value in self.placeholders:
            self.placeholders[value] += int(_stands(column, value).sum())
        if column.values.dtype.kind == "f" and not column.missing.all():
            known = column.values[~column.missing]
            self.lowest, self.highest = min(self.lowest, float(known.min())), max(self.highest, float(known.max()))

    def merge(self, other: ColumnCount) -> None:
        """What was counted in other rows."""
        self.missing += other.missing
        self.empty += other.empty
        for value, count in other.placeholders.items():
            self.placeholders[value] += count
        if len(self.values) <= MOST_DISTINCT:
            self.values |= other.values
        self.lowest, self.highest = min(self.lowest, other.lowest), max(self.highest, other.highest)

    def is_constant(self, n_rows: int) -> bool:
        """Whether all of `n_rows` rows, two at least, have the same value, or none.

        One value beside empty cells is not constant: whether there is a value may be informative. Nor is a column that
        is nearly constant: its rare value may be the best feature there is.
        """
        one_value = self.distinct == 1 or self.lowest == self.highest
        return n_rows > 1 and (self.missing == n_rows or (self.missing == 0 and one_value))

    @property
    def distinct(self) -> int | None:
        """Different values; None if there are too many to count."""
        if self.of_all is not None:
            return self.of_all
        return len(self.values) if len(self.values) <= MOST_DISTINCT else None


def column_counts(columns: Sequence[Column], placeholders: Sequence[tuple[str, Placeholder]]) -> dict[str, ColumnCount]:
    """What stands in the columns of some rows, by name: missing cells, up to a limit different ones, placeholders."""
    counts = _no_counts(columns, placeholders)
    for column in columns:
        counts[column.name].add(column)
    return counts


def counts_of_all(columns: Sequence[Column], placeholders: Sequence[tuple[str, Placeholder]]) -> dict[str, ColumnCount]:
    """The same for the columns of all rows, without a limit."""
    counts = _no_counts(columns, placeholders)
    for column in columns:
        counts[column.name].add_all(column)
    return counts


def _no_counts(columns: Sequence[Column], placeholders: Sequence[tuple[str, Placeholder]]) -> dict[str, ColumnCount]:
    counts = {column.name: ColumnCount() for column in columns}
    for name, placeholder in placeholders:
        counts[name].placeholders[placeholder.value] = 0
    return counts


def column_facts(columns: Sequence[Column], counts: Mapping[str, ColumnCount]) -> tuple[record.Column, ...]:
    """What a report says of the first columns."""
    return tuple(
        record.Column(one.name, one.kind, counts[one.name].missing, counts[one.name].distinct)
        for one in columns[:MOST_COLUMNS]
    )


def placeholders_of(columns: Sequence[Column]) -> list[tuple[str, Placeholder]]:
    """Values that probably mean 'nothing', by the name of their column."""
    return [(column.name, one) for column in columns for one in _placeholders(column)]


def _placeholders(column: Column) -> tuple[Placeholder, ...]:
    spelled = placeholder_texts(column.distinct)
    if column.kind == "numeric":
        return (*spelled, *placeholder_numbers(column.values))
    if column.kind == "datetime":
        return (*spelled, *placeholder_dates(column.values))
    return () if column.kind == "image" else spelled


def _stands(column: Column, value: str) -> Mask:
    """Where a value named by the sample occurs, however its cells are spelled: -999 as -999.0."""
    stands: Mask = column.raw == value
    with suppress(ValueError):  # a sign such as ? is no number, and 0000-00-00 no date
        if column.kind == "numeric":
            stands |= np.isclose(column.values, float(value), rtol=_NAMED_TO, atol=0.0)
        if column.kind == "datetime":
            stands |= np.floor(column.values / _DAY) == np.datetime64(value, "D").astype(np.int64)
    return stands
