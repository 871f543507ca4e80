"""A run of neighbouring rows of one file, and what every source that is read in such runs can do."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from dechaff.data.dataset import Assumption
from dechaff.data.read import Read
from dechaff.typing import Mask

BLOCK_BYTES = 2**21
"""Bytes of a file that are looked at together: a few thousand rows of text."""
BLOCK_ROWS = 8_192
"""Most rows of a block of a Parquet file, whose bytes say little about the size of its rows."""


@dataclass(frozen=True)
class Block:
    """Where some rows stand: ``start`` and ``stop`` are bytes of the file's content, or rows of its row group.

    ``first_row`` counts through all files of the source.
    """

    file: int
    first_row: int
    n_rows: int
    start: int
    stop: int
    row_group: int = -1
    line: int = 1
    """Line of the file on which it starts."""
    read: float = field(default=1.0, compare=False)
    """Share of the file that has been read with it."""

    @property
    def rows(self) -> npt.NDArray[np.int64]:
        """The numbers of its rows."""
        return np.arange(self.first_row, self.first_row + self.n_rows, dtype=np.int64)


class BlockWriter(Protocol):
    """Takes the blocks of one file in order and makes the new file of them."""

    def add(self, block: Block, read: Read, keep: Mask, labels: Mapping[int, str]) -> None:
        """One block: which of its rows stay, and new labels by place in the block."""

    def close(self) -> None:
        """The file is whole; nothing follows."""


class BlockSource(Protocol):
    """Files of one format that are read block by block, always in the same order."""

    @property
    def format(self) -> str:
        """``csv``, ``jsonl`` or ``parquet``."""

    @property
    def path(self) -> Path:
        """What the user named: a file, a folder or a pattern."""

    @property
    def files(self) -> tuple[Path, ...]:
        """The files, sorted by name."""

    @property
    def sha256(self) -> str:
        """Of the file's bytes; of several files, of their names and hashes."""

    @property
    def assumptions(self) -> tuple[Assumption, ...]:
        """What was sniffed about the files."""

    def scan(self) -> Iterator[tuple[Block, Read]]:
        """Every block in order, told where it stands.

        Raises
        ------
        DataError
            Where a file is damaged, or does not fit the first one; the message names it.
        """

    def read(self, blocks: Collection[Block]) -> Iterator[tuple[Block, Read]]:
        """Some of the blocks that a scan has found, in their order."""

    def writer(self, file: int, target: Path, label_name: str, spellings: Mapping[str, Any]) -> BlockWriter:
        """Writes the new form of one of the files to a path that nobody else uses."""
