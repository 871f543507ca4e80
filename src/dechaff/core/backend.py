"""The interface of every backend: three functions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from types import SimpleNamespace
from typing import Any, Protocol, TypeVar, cast

from dechaff.core.fold import Fold, MapAndFold, R
from dechaff.core.source import PartedSource, Sink
from dechaff.typing import Chunk

P = TypeVar("P")
RowsDone = Callable[[int], None]
"""``rows_done(n)``: n more rows are finished; called in the process that started the pass, parts in any order."""


def not_counted(rows: int) -> None:
    """A callback that does nothing."""


class Backend(Protocol):
    """A module of ``dechaff.backends``, or one with its options `bound`: the same bits in all of them."""

    def fold(self, fold: Fold[Any, R], source: PartedSource, *, rows_done: RowsDone = not_counted) -> R:
        """The result of one pass over all rows.

        Parameters
        ----------
        fold : what to compute.
        source : where the rows are.
        rows_done : called with the number of rows that are finished.
        """

    def row_map(
        self,
        row_map: MapAndFold[Any, R],
        source: PartedSource,
        *,
        sink: Sink | None = None,
        rows_done: RowsDone = not_counted,
    ) -> tuple[Chunk, R]:
        """One pass: the answers for all rows by name and in order (none if a sink took them), and the result.

        Row maps that fold nothing come as `NamedRows`; a `sink` takes the answers part by part.
        """

    def map_parts(self, work: Callable[[P], R], parts: Iterable[P], *, most: int | None = None) -> Iterator[R]:
        """What `work` computes from each part, in the order of the parts; few results wait in memory at a time.

        Parameters
        ----------
        work : what to compute; it is sent once to each worker, with all that it holds.
        parts : what it is called with, such as parts of files.
        most : processes of this machine that the memory allows.
        """


def bound(module: Any, **options: Any) -> Backend:
    """A backend with its own options, such as the number of threads or an address, filled in."""
    filled = {name: partial(getattr(module, name), **options) for name in ("fold", "row_map", "map_parts")}
    return cast(Backend, SimpleNamespace(**filled))
