"""The shape of every computation that looks at many rows and keeps a small state.

A fold says what to remember (``init``), how some rows change it (``update``), how two states become one
(``merge``) and what comes out (``finalize``). Its laws are all that a backend may rely on:

- ``merge`` is associative and commutative up to rounding, and ``init()`` is its identity;
- ``update(state, chunk) == merge(state, update(init(), chunk))``;
- arguments are never written into; options sit in the frozen fold, data in the state; both pickle.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass
from typing import Any, ClassVar, Generic, Protocol, TypeVar

import numpy as np

from dechaff.core.freed_memory import keep_freed_memory
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
