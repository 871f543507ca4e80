"""Where the answers for the rows go when they are too many to be kept."""

from __future__ import annotations

from typing import Protocol

from dechaff.core.source import Part
from dechaff.typing import Chunk


class Sink(Protocol):
    """Takes answers part by part, where the part was read: it travels there by pickle.

    A part that was killed half-way has left nothing, and one that is worked on again leaves what it left before.
    """

    def write(self, part: Part, columns: Chunk) -> None:
        """The answers for the rows of one part: all of them, or nothing and an error."""

    def done(self, part: Part) -> bool:
        """Whether the answers of the part stand already."""
