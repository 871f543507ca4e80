"""The feature columns of a data set, each with its kind: what models and recipes read.

A table is independent of files and frames; it consists of numpy arrays, so that every method, model and
backend can use its parts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from dechaff.core.codes import Codes, factorize
from dechaff.core.distinct import Distinct

Kind = Literal["text", "numeric", "categorical", "datetime", "image", "identifier"]


@dataclass(frozen=True)
class Column:
    """One column of n rows.

    ``values`` by kind: *text* object array of str ('' if missing); *categorical* object array of str
    ('' if missing; booleans and small integer codes become their text); *numeric* float64 (NaN if
    missing); *datetime* float64 seconds since 1970 (NaN if missing); *image* object array of str
    (file paths); *identifier* as numeric: whole numbers that name the rows, which no model sees.
    ``raw`` holds the cells of the file as text, to be shown and for checks on spelling: object array of
    str, '' if missing; for frames the ``str()`` of the value.
    """

    name: str
    kind: Kind
    values: npt.NDArray[Any]
    missing: npt.NDArray[np.bool_]
    raw: npt.NDArray[np.object_]
    spellings: Distinct | None = field(default=None, repr=False, compare=False)
    """The distinct cells of ``raw``, if they are known."""

    @cached_property
    def distinct(self) -> Distinct:
        """The distinct cells of ``raw``."""
        if self.spellings is not None:
            return self.spellings.compact
        by_number = None
        if self.kind in ("numeric", "identifier") and not self.missing.any():
            by_number = Distinct.of_numbers(self.raw, self.values)
        return Distinct.of(self.raw) if by_number is None else by_number

    @cached_property
    def value_codes(self) -> Codes:
        """(n,) a code for each of ``values``: equal values, equal codes."""
        return self.distinct.codes if self.values is self.raw else factorize(self.values)

    def with_spellings(self) -> Column:
        """The same column, which knows its distinct cells; equal cells of ``raw`` are one object then."""
        distinct = self.distinct
        raw = distinct.values[distinct.codes]
        return replace(self, values=raw if self.values is self.raw else self.values, raw=raw, spellings=distinct)

    def rewritten(
        self, values: npt.NDArray[Any], missing: npt.NDArray[np.bool_], raw: npt.NDArray[np.object_]
    ) -> Column:
        """A column of the same name and kind with other cells."""
        return replace(self, values=values, missing=missing, raw=raw, spellings=None)

    def take(self, rows: npt.NDArray[np.int64]) -> Column:
        """The same column, of some rows."""
        raw = self.raw[rows]
        values = raw if self.values is self.raw else self.values[rows]
        spellings = None if self.spellings is None else self.spellings.take(rows)
        return replace(self, values=values, missing=self.missing[rows], raw=raw, spellings=spellings)


def _one_below_other(parts: Sequence[Column]) -> Column:
    cells = (np.concatenate([getattr(one, name) for one in parts]) for name in ("values", "missing", "raw"))
    return parts[0].rewritten(*cells)


@dataclass(frozen=True)
class Table:
    """Columns of one length, in the order of the file."""

    columns: tuple[Column, ...]
    n_rows: int

    @classmethod
    def of_numbers(cls, matrix: npt.NDArray[Any]) -> Table:
        """The columns of a matrix as numbers, called f0, f1 …; NaN is a missing value. They are not kept as text."""
        raw = np.broadcast_to(np.array("", dtype=object), (len(matrix),))
        columns = (np.ascontiguousarray(values) for values in np.asarray(matrix, dtype=np.float64).T)
        made = (Column(f"f{at}", "numeric", values, np.isnan(values), raw) for at, values in enumerate(columns))
        return cls(tuple(made), len(matrix))

    @classmethod
    def joined(cls, tables: Sequence[Table]) -> Table:
        """The rows of tables with the same columns, one table after the other."""
        columns = (_one_below_other([table[name] for table in tables]) for name in tables[0].names)
        return cls(tuple(columns), sum(map(len, tables)))

    def __len__(self) -> int:
        return self.n_rows

    def __getitem__(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    @property
    def names(self) -> tuple[str, ...]:
        """Column names, in order."""
        return tuple(column.name for column in self.columns)

    def of_kind(self, *kinds: Kind) -> tuple[Column, ...]:
        """The columns of these kinds, in order."""
        return tuple(column for column in self.columns if column.kind in kinds)

    def take(self, rows: npt.NDArray[np.int64]) -> Table:
        """The same columns, of some rows."""
        return Table(tuple(column.take(rows) for column in self.columns), len(rows))

    def beside(self, columns: Sequence[Column]) -> Table:
        """The same rows with more columns on the right."""
        return Table((*self.columns, *columns), self.n_rows)

    def only(self, names: Sequence[str]) -> Table:
        """The same rows with some columns alone."""
        return Table(tuple(c for c in self.columns if c.name in names), self.n_rows)

    def without(self, names: Sequence[str]) -> Table:
        """The same rows without some columns."""
        return Table(tuple(c for c in self.columns if c.name not in names), self.n_rows)
