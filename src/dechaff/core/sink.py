"""Takes the answers for the rows if they do not fit into memory."""

from __future__ import annotations

from typing import Protocol

from dechaff.core.source import RowSpan
from dechaff.typing import Chunk


class Sink(Protocol):
    """Takes answers on the worker that read the rows; it travels there by pickle.

    A part comes in one piece or, if its answers are many, in several, always the same ones and in order. A part that
    was killed half-way has left whole pieces, and one that is repeated writes the same again.
    """

    def write(self, rows: RowSpan, columns: Chunk) -> None:
        """The answers for these rows: all of them, or nothing and an error."""
