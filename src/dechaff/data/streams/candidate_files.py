"""Results of a pass of confident learning as files: scores of all rows, not yet flagged, and the candidates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from dechaff.core.files import begin_to_disk
from dechaff.core.parts import Parts
from dechaff.core.source import RowSpan
from dechaff.data.streams.frame_files import FramePart, ParquetSink, columns_of, span_of, write_frame
from dechaff.typing import Chunk, Mask

_CANDIDATES, _UNSETTLED = "candidates.", "unsettled."
_SCORES = ".arrow"
"""Scores that wait for their flags, as they lie in memory."""


@dataclass(frozen=True)
class CandidateSink(ParquetSink):
    """Takes the scores of all rows, to which `flag` gives their last column once flags are known; columns called
    ``candidates.…``, a table with any number of entries for a row; and ``unsettled.…``, a table that is mostly empty.
    """

    def write(self, rows: RowSpan, columns: Chunk) -> None:
        """The answers of some rows; the file that marks them as done is written last."""
        path = self.path_of(rows)
        write_frame(path.with_suffix(".candidates"), self.frame(_named(columns, _CANDIDATES)), to_disk=False)
        unsettled = self.frame(_named(columns, _UNSETTLED))
        if len(unsettled):
            write_frame(path.with_suffix(".unsettled"), unsettled, to_disk=False)
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
        return _parts(paths, "labels") if paths else None

    def candidates(self) -> Parts:
        """All candidates."""
        return _parts(self._files(), "rows")

    def candidates_in(self, rows: RowSpan) -> Chunk:
        """Those of rows that were taken together, in their order."""
        return columns_of(self.path_of(rows).with_suffix(".candidates"))

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob("rows-*.candidates"))


def _parts(paths: Sequence[Path], column: str) -> Parts:
    """Tables that have this column."""
    n_rows = [len(pl.read_ipc(path, columns=[column])) for path in paths]
    return Parts(tuple(FramePart(path, span_of(path).first_row, n) for path, n in zip(paths, n_rows, strict=True)))


def _named(columns: Chunk, start: str) -> Chunk:
    """The columns whose names start so, without that."""
    return {name.removeprefix(start): some for name, some in columns.items() if name.startswith(start)}
