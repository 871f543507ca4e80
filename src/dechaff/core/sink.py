"""Where the answers for the rows go when they are too many to be kept."""

from __future__ import annotations

from typing import Protocol

from dechaff.core.source import RowSpan
from dechaff.typing import Chunk


class Sink(Protocol):
    """Takes answers, where their rows were read: it travels there by pickle.

    A part comes in one piece or, where its answers are many, in several, always in the same ones and in order. One that
    was killed half-way has left whole pieces, and one that is worked on again leaves what it left before.
    """

    def write(self, rows: RowSpan, columns: Chunk) -> None:
        """The answers for these rows: all of them, or nothing and an error."""
