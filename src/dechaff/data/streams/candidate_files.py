"""Results of a pass of confident learning as files: scores of all rows, not yet flagged, and the candidates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from dechaff.core.codes import code_type
from dechaff.core.files import begin_to_disk, write_whole
from dechaff.core.parts import Parts
from dechaff.core.source import CHUNK_BYTES, ArraySource, RowSpan
from dechaff.data.streams.frame_files import ParquetSink, span_of, write_frame
from dechaff.typing import Chunk, Mask

_CANDIDATES, _UNSETTLED = "candidates.", "unsettled."
_SCORES = ".arrow"
"""Scores that wait for their flags, as they lie in memory."""


@dataclass(frozen=True)
class CandidateSink(ParquetSink):
    """Takes the scores of all rows, to which `flag` gives their last column once flags are known; columns called
    ``candidates.…``, a table with any number of entries for a row; and ``unsettled.…``, a table that is mostly empty.
    """

    n_classes: int = 0
    dtype: np.dtype[Any] = field(default_factory=lambda: np.dtype(np.float64))
    """Precision of the margins."""

    def write(self, rows: RowSpan, columns: Chunk) -> None:
        """The answers of some rows; the file that marks them as done is written last."""
        path = self.path_of(rows)
        _write(path.with_suffix(".candidates"), _named(columns, _CANDIDATES), self._candidate)
        unsettled = _named(columns, _UNSETTLED)
        if len(unsettled["labels"]):
            _write(path.with_suffix(".unsettled"), unsettled, self._unsettled)
        scores = {name: some for name, some in columns.items() if "." not in name}
        write_frame(path.with_suffix(_SCORES), self.frame(scores), to_disk=False)

    def scored(self) -> list[Path]:
        """The files of scores that wait for their flags, in the order of their rows."""
        return sorted(self.folder.glob(f"rows-*{_SCORES}"))

    def spans(self) -> list[RowSpan]:
        """The rows that were taken together, in order; their scores may have been moved elsewhere since."""
        return [span_of(path) for path in self._files()]

    def flag(self, rows: RowSpan, flags: Mask) -> None:
        """Writes the scores of rows that were taken together with their flags, unless that is done."""
        waiting = self.path_of(rows).with_suffix(_SCORES)
        if not waiting.exists():
            return
        frame = pl.read_ipc(waiting).with_columns(flag=pl.Series(flags, dtype=pl.Boolean))
        write_frame(self.path_of(rows), frame, to_disk=False, statistics=False, row_group_size=max(1, len(frame)))
        begin_to_disk(self.path_of(rows))
        waiting.unlink()

    def unsettled(self) -> Parts | None:
        """The table that is mostly empty, None if it is."""
        paths = sorted(self.folder.glob("rows-*.unsettled"))
        return Parts(tuple(_ColumnsPart(path, self._unsettled) for path in paths)) if paths else None

    def candidates(self) -> Parts:
        """All candidates."""
        return Parts(tuple(_ColumnsPart(path, self._candidate) for path in self._files()))

    def candidates_in(self, rows: RowSpan) -> Chunk:
        """Those of rows that were taken together, in their order."""
        return _ColumnsPart(self.path_of(rows).with_suffix(".candidates"), self._candidate).columns()

    @property
    def _unsettled(self) -> Mapping[str, np.dtype[Any]]:
        return {"labels": np.dtype(np.int64), "probs": np.dtype((self.dtype, (self.n_classes,)))}

    @property
    def _candidate(self) -> Mapping[str, np.dtype[Any]]:
        return {"rows": np.dtype(np.int64), "margins": self.dtype, "cells": code_type(self.n_classes**2)}

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob("rows-*.candidates"))


def _write(path: Path, columns: Chunk, kinds: Mapping[str, np.dtype[Any]]) -> None:
    """Columns as they lie in memory, one behind the other."""
    packed = [np.ascontiguousarray(columns[name], dtype=kind.base).data.cast("B") for name, kind in kinds.items()]
    write_whole(path, lambda stream: stream.writelines(packed), to_disk=False)


@dataclass(frozen=True)
class _ColumnsPart:
    """Columns of a file."""

    path: Path
    kinds: Mapping[str, np.dtype[Any]]

    @property
    def first_row(self) -> int:
        return span_of(self.path).first_row

    @property
    def n_rows(self) -> int:
        return self.path.stat().st_size // sum(kind.itemsize for kind in self.kinds.values())

    def chunks(self, columns: Sequence[str], *, chunk_bytes: int = CHUNK_BYTES) -> Iterator[Chunk]:
        yield from ArraySource(self.columns()).chunks(columns, chunk_bytes=chunk_bytes)

    def columns(self) -> Chunk:
        data, start, columns, n_rows = np.fromfile(self.path, np.uint8), 0, dict[str, npt.NDArray[Any]](), self.n_rows
        for name, kind in self.kinds.items():
            stop = start + n_rows * kind.itemsize
            columns[name] = data[start:stop].view(kind.base).reshape(n_rows, *kind.shape)
            start = stop
        return columns


def _named(columns: Chunk, start: str) -> Chunk:
    """The columns whose names start so, without that."""
    return {name.removeprefix(start): some for name, some in columns.items() if name.startswith(start)}
