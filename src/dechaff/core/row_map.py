"""The shape of every computation that looks at one row at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Protocol

import numpy.typing as npt

from dechaff.core.fold import Fold, R_co, S
from dechaff.typing import Chunk


class RowMap(Protocol):
    """One answer per row, independent of the other rows; no state, frozen options, travels by pickle."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it reads."""

    def rows(self, chunk: Chunk) -> npt.NDArray[Any]:
        """One entry (a number or a row of numbers) for each row of the chunk, in order."""


class MapAndFold(Fold[S, R_co], Protocol[S, R_co]):
    """A fold that also has answers for the rows, for results that would otherwise be computed twice."""

    def rows_and_state(self, chunk: Chunk) -> tuple[Chunk, S]:
        """Columns of one entry for each row of the chunk, by name, and the state after this chunk alone."""


@dataclass(frozen=True)
class NamedRows:
    """Row maps whose answers have names, as a map and fold that folds nothing: one pass over the rows for all of them.

    Examples
    --------
    >>> from dechaff.methods.label_errors.candidates import PrefersAnother
    >>> NamedRows({"doubted": PrefersAnother()}).columns
    ('labels', 'probs')
    """

    row_maps: Mapping[str, RowMap]
    keyed_by: ClassVar[str | None] = None

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that any of them reads."""
        return tuple(sorted({name for row_map in self.row_maps.values() for name in row_map.columns}))

    def init(self) -> None:
        """Nothing."""

    def update(self, state: None, chunk: Chunk) -> None:
        """Nothing."""

    def merge(self, left: None, right: None) -> None:
        """Nothing."""

    def finalize(self, state: None) -> None:
        """Nothing."""

    def rows_and_state(self, chunk: Chunk) -> tuple[Chunk, None]:
        """The answers by name."""
        return {name: row_map.rows(chunk) for name, row_map in self.row_maps.items()}, None


@dataclass(frozen=True)
class Column:
    """The row map that answers with a column of the source."""

    name: str

    @property
    def columns(self) -> tuple[str, ...]:
        """That column."""
        return (self.name,)

    def rows(self, chunk: Chunk) -> npt.NDArray[Any]:
        """Its entries."""
        return chunk[self.name]


@dataclass(frozen=True)
class Beside(Generic[S, R_co]):
    """A map and fold that hands on some columns of the source beside its own answers."""

    both: MapAndFold[S, R_co]
    handed_on: tuple[str, ...]
    keyed_by: ClassVar[str | None] = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that either needs."""
        return tuple(dict.fromkeys([*self.both.columns, *self.handed_on]))

    def init(self) -> S:
        """As the one inside."""
        return self.both.init()

    def update(self, state: S, chunk: Chunk) -> S:
        """As the one inside."""
        return self.both.update(state, chunk)

    def merge(self, left: S, right: S) -> S:
        """As the one inside."""
        return self.both.merge(left, right)

    def finalize(self, state: S) -> R_co:
        """As the one inside."""
        return self.both.finalize(state)

    def rows_and_state(self, chunk: Chunk) -> tuple[Chunk, S]:
        """Its answers and the columns."""
        answers, state = self.both.rows_and_state(chunk)
        return {**answers, **{name: chunk[name] for name in self.handed_on}}, state
