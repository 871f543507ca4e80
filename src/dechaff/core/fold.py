"""The shape of every computation that looks at many rows and keeps a small state.

A fold says what to remember (``init``), how some rows change it (``update``), how two states become one
(``merge``) and what comes out (``finalize``). Its laws are all that a backend may rely on:

- ``merge`` is associative and commutative up to rounding, and ``init()`` is its identity;
- ``update(state, chunk) == merge(state, update(init(), chunk))``;
- arguments are never written into; options sit in the frozen fold, data in the state; both pickle.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, ClassVar, Generic, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from dechaff.core.memory import keep_freed_memory
from dechaff.typing import Chunk

S = TypeVar("S")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)


class Fold(Protocol[S, R_co]):
    """One pass over rows, in any split and any order."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it reads."""

    @property
    def keyed_by(self) -> str | None:
        """A column whose equal values must come in one chunk; None if rows may be split anywhere."""

    def init(self) -> S:
        """The state that has seen nothing."""

    def update(self, state: S, chunk: Chunk) -> S:
        """The state after some more rows."""

    def merge(self, left: S, right: S) -> S:
        """One state of two that have seen different rows."""

    def finalize(self, state: S) -> R_co:
        """The answer."""


RunFold = Callable[[Fold[Any, R]], R]
"""``run(fold) -> result``: a fold run over rows that are bound already, on any backend."""


def added(left: S, right: S) -> S:
    """The sum of two states: of numbers and arrays as such, of records field by field."""
    if hasattr(left, "__add__"):
        total: S = left + right
        return total
    names = [field.name for field in fields(left)]  # type: ignore[arg-type]
    return type(left)(**{name: getattr(left, name) + getattr(right, name) for name in names})


class SumFold(Generic[S]):
    """Base of the folds whose states add up. The sum is the answer, unless a subclass makes another one of it."""

    keyed_by: ClassVar[str | None] = None

    def merge(self, left: S, right: S) -> S:
        """The sum of both states."""
        return added(left, right)

    def finalize(self, state: S) -> Any:
        """The sum."""
        return state


def folded(fold: Fold[S, R], chunks: Iterable[Chunk]) -> S:
    """The state after these chunks."""
    keep_freed_memory()
    state = fold.init()
    for chunk in chunks:
        state = fold.update(state, chunk)
    return state


def state_bytes(state: object) -> int:
    """The bytes of the arrays of a state; chunks are larger if states are large.

    Examples
    --------
    >>> import numpy as np
    >>> state_bytes((np.zeros(3), [np.zeros(1)]))
    32
    """
    if isinstance(state, np.ndarray):
        return state.nbytes
    if is_dataclass(state):
        return sum(state_bytes(getattr(state, field.name)) for field in fields(state))
    return sum(map(state_bytes, state)) if isinstance(state, tuple | list) else 0


class MergeTree(Generic[S]):
    """Takes states in order and keeps one for each level of the tree: log2 of their number in memory.

    A chain of merges would add small states to an ever larger one, with growing rounding errors.

    Examples
    --------
    >>> tree = MergeTree(lambda left, right: f"({left}{right})")
    >>> for state in "abcde":
    ...     tree.add(state)
    >>> tree.root("")
    '(((ab)(cd))e)'
    """

    def __init__(self, merge: Callable[[S, S], S]) -> None:
        self._merge = merge
        self._levels: list[tuple[int, S]] = []

    def add(self, state: S) -> None:
        """One more state, after all the others."""
        level = 0
        while self._levels and self._levels[-1][0] == level:
            state = self._merge(self._levels.pop()[1], state)
            level += 1
        self._levels.append((level, state))

    def root(self, empty: S) -> S:
        """All states in one; `empty` if there were none."""
        if not self._levels:
            return empty
        state = self._levels[-1][1]
        for _, left in reversed(self._levels[:-1]):
            state = self._merge(left, state)
        return state


def iterate(
    make_fold: Callable[[R], Fold[Any, R]],
    run: RunFold[R],
    start: R,
    *,
    settled: Callable[[R, R], bool],
    most_rounds: int,
) -> R:
    """The result that the next pass would not change.

    Parameters
    ----------
    make_fold : the fold of the next pass, from the result of the last one.
    run : runs one fold over all rows.
    start : what the first fold is built from.
    settled : ``settled(old, new)``: whether the step is small enough to stop.
    most_rounds : passes after which to stop in any case.

    Examples
    --------
    >>> import numpy as np
    >>> from dechaff.core.over_arrays import over_arrays
    >>> from dechaff.core.temperature import TemperatureStep
    >>> run = over_arrays(labels=np.array([0, 1, 1]), probs=np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8]]))
    >>> iterate(TemperatureStep, run, 1.0, settled=lambda old, new: old == new, most_rounds=1) != 1.0
    True
    """
    result = start
    for _ in range(most_rounds):
        previous, result = result, run(make_fold(result))
        if settled(previous, result):
            break
    return result


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


class StatelessFold:
    """Base of maps and folds that fold nothing: one pass over the rows for several answers."""

    keyed_by: ClassVar[str | None] = None

    def init(self) -> None:
        """Nothing."""

    def update(self, state: None, chunk: Chunk) -> None:
        """Nothing."""

    def merge(self, left: None, right: None) -> None:
        """Nothing."""

    def finalize(self, state: None) -> None:
        """Nothing."""


@dataclass(frozen=True)
class NamedRows(StatelessFold):
    """Row maps whose answers have names, as a map and fold that folds nothing: one pass over the rows for all of them.

    Examples
    --------
    >>> from dechaff.methods.label_errors.pruning import PrefersAnother
    >>> NamedRows({"doubted": PrefersAnother()}).columns
    ('labels', 'probs')
    """

    row_maps: Mapping[str, RowMap]

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that any of them reads."""
        return tuple(sorted({name for row_map in self.row_maps.values() for name in row_map.columns}))

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


Piece = tuple[npt.NDArray[Any], ...]
Gathered = tuple[Piece, ...]
"""Rows that a fold keeps until it has all of them: the state of methods that compare rows with one another.

There is one piece for each run of rows that was seen, in the order of rows; a piece is a tuple of arrays, the numbers
of its rows first. Two states are merged without copying a row.
"""


def gathered(left: Gathered, right: Gathered) -> Gathered:
    """The pieces of both states, in the order of their first rows; pieces without rows are left out.

    Examples
    --------
    >>> import numpy as np
    >>> gathered(((np.array([4, 5]),),), ((np.array([1]),), (np.array([], dtype=int),)))
    ((array([1]),), (array([4, 5]),))
    """
    return tuple(sorted((piece for piece in left + right if len(piece[0])), key=lambda piece: int(piece[0][0])))


def in_one(pieces: Gathered, *types: npt.DTypeLike) -> Piece:
    """The arrays of all pieces, one after the other; of these types if there are none.

    Examples
    --------
    >>> import numpy as np
    >>> in_one(((np.array([1]), np.array([0.5])), (np.array([3]), np.array([0.25]))), np.int64, np.float64)
    (array([1, 3]), array([0.5 , 0.25]))
    """
    if not pieces:
        return tuple(np.empty(0, dtype=one) for one in types)
    return tuple(
        np.concatenate(arrays).astype(one, copy=False)
        for arrays, one in zip(zip(*pieces, strict=True), types, strict=True)
    )


class GatheringFold:
    """Base of the folds that gather rows."""

    keyed_by: ClassVar[str | None] = None

    def init(self) -> Gathered:
        """No rows."""
        return ()

    def merge(self, left: Gathered, right: Gathered) -> Gathered:
        """The rows of both."""
        return gathered(left, right)
