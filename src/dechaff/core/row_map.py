"""The shape of every computation that looks at one row at a time."""

from __future__ import annotations

from typing import Any, Protocol

import numpy.typing as npt

from dechaff.core.fold import Fold, R_co, S
from dechaff.typing import Chunk


class RowMap(Protocol):
    """One answer a row, whatever the other rows are; no state, frozen options, travels by pickle."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it reads."""

    def rows(self, chunk: Chunk) -> npt.NDArray[Any]:
        """One entry (a number or a row of numbers) for each row of the chunk, in order."""


class MapAndFold(Fold[S, R_co], Protocol[S, R_co]):
    """A fold that has answers for the rows as well, where either would have to work out the other."""

    def rows_and_state(self, chunk: Chunk) -> tuple[Chunk, S]:
        """Columns of one entry for each row of the chunk, by name, and the state after this chunk alone."""
