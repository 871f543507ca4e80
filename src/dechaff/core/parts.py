"""Parts one after another, as a source."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dechaff.core.part_work import joined
from dechaff.core.source import ArraySource, Part
from dechaff.typing import Chunk


@dataclass(frozen=True)
class Parts:
    """A parted source of these parts, in their order; one at least.

    Examples
    --------
    >>> import numpy as np
    >>> halves = Parts(tuple(ArraySource({"labels": np.array([0, 1, 1])}, chunk_rows=2).parts()))
    >>> halves.n_rows, [chunk["labels"].tolist() for chunk in halves.chunks(["labels"])]
    (3, [[0, 1], [1]])
    """

    all_parts: tuple[Part, ...]

    @property
    def n_rows(self) -> int:
        """The number of all rows."""
        return sum(part.n_rows for part in self.all_parts)

    def parts(self) -> tuple[Part, ...]:
        """The parts."""
        return self.all_parts

    def chunks(self, columns: Sequence[str], keyed_by: str | None = None) -> Iterator[Chunk]:
        """The named columns; by key only as far as these columns fit into memory."""
        if keyed_by is None:
            for part in self.all_parts:
                yield from part.chunks(columns)
        else:
            wanted = list(dict.fromkeys([*columns, keyed_by]))
            whole = joined([chunk for part in self.all_parts for chunk in part.chunks(wanted)])
            yield from ArraySource(whole).chunks(columns, keyed_by)
