"""Answers of a pass of confident learning as files: scores of all rows, without flags yet, and what leads to these."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.core.class_rows import class_rows
from dechaff.core.files import write_whole
from dechaff.core.parts import Parts
from dechaff.core.source import CHUNK_BYTES, ArrayPart, RowSpan
from dechaff.data.streams.flag_column import set_flags, write_unflagged
from dechaff.data.streams.frame_files import ParquetSink, span_of
from dechaff.typing import Chunk, Mask

_Rows = npt.NDArray[np.int64]
_LEADS, _UNSETTLED = "leads.", "unsettled."


@dataclass(frozen=True)
class LeadSink(ParquetSink):
    """Takes the scores of all rows, to which `flag` gives their last column once flags are known; columns called
    ``leads.…``, kept by label so that some labels can be read alone; and ``unsettled.…``, a table that is mostly empty.
    """

    n_classes: int = 0
    dtype: np.dtype[Any] = field(default_factory=lambda: np.dtype(np.float64))
    """Precision of the margins."""

    def write(self, rows: RowSpan, columns: Chunk) -> None:
        """The answers of some rows; the file that says that they are done comes last."""
        leads, unsettled = _named(columns, _LEADS), _named(columns, _UNSETTLED)
        write_whole(self._leads_of(self.path_of(rows)), self._packed(leads), to_disk=False)
        if len(unsettled["labels"]):
            some = np.empty(len(unsettled["labels"]), dtype=self._unsettled)
            some["labels"], some["probs"] = unsettled["labels"], unsettled["probs"]
            write_whole(self.path_of(rows).with_suffix(".unsettled"), some.data.cast("B"), to_disk=False)
        scores = {name: some for name, some in columns.items() if "." not in name}
        write_unflagged(self.path_of(rows), self.frame(scores))

    def spans(self) -> list[RowSpan]:
        """The rows that were taken together, in order; their scores may have been moved elsewhere since."""
        return [span_of(path) for path in self._files()]

    def flag(self, rows: RowSpan, flags: Mask) -> None:
        """Sets the flags of rows that were taken together, unless their scores have been moved elsewhere."""
        if self.path_of(rows).exists():
            set_flags(self.path_of(rows), flags)

    def unsettled(self) -> Parts | None:
        """The table that is mostly empty, None where it is."""
        paths = sorted(self.folder.glob("rows-*.unsettled"))
        return Parts(tuple(_UnsettledPart(path, self._unsettled) for path in paths)) if paths else None

    def lead_starts(self) -> _Rows:
        """(files, k + 1) where the leads of each label begin in each file, and how many there are in all."""
        return np.stack([self._starts(path) for path in self._files()])

    def leads(self, first: int, stop: int, starts: _Rows) -> dict[str, npt.NDArray[Any]]:
        """Those of the labels from one to another, of each label in the order of rows, by the `lead_starts`."""
        pieces = [
            self._piece(path, *begins[[first, stop]].tolist())
            for path, begins in zip(self._files(), starts, strict=True)
        ]
        counts = np.diff(starts[:, first : stop + 1])
        labels = np.repeat(np.tile(np.arange(first, stop), len(starts)), counts.reshape(-1))
        return _columns(np.concatenate(pieces), labels)

    def leads_in(self, rows: RowSpan) -> dict[str, npt.NDArray[Any]]:
        """Those of rows that were taken together."""
        path = self._leads_of(self.path_of(rows))
        starts = self._starts(path)
        return _columns(self._piece(path, 0, int(starts[-1])), np.repeat(np.arange(self.n_classes), np.diff(starts)))

    @property
    def _unsettled(self) -> np.dtype[Any]:
        """A row of the table."""
        return np.dtype([("labels", np.int64), ("probs", self.dtype, (self.n_classes,))])

    @property
    def _lead(self) -> np.dtype[Any]:
        """A lead of a known label."""
        others = np.min_scalar_type(self.n_classes - 1)
        return np.dtype([("rows", np.int64), ("margins", self.dtype), ("others", others)])

    def _packed(self, leads: Chunk) -> memoryview:
        by_label = class_rows(leads["labels"], self.n_classes)
        packed = np.empty(len(by_label.order), dtype=self._lead)
        for name in self._lead.names or ():
            packed[name] = leads[name][by_label.order]
        raw = io.BytesIO()
        raw.write(by_label.starts.astype(np.int64).data)
        raw.write(packed.tobytes())
        return raw.getbuffer()

    @staticmethod
    def _leads_of(path: Path) -> Path:
        return path.with_suffix(".leads")

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob("rows-*.leads"))

    def _starts(self, path: Path) -> _Rows:
        return np.fromfile(path, np.int64, self.n_classes + 1)

    def _piece(self, path: Path, begin: int, end: int) -> npt.NDArray[Any]:
        place = 8 * (self.n_classes + 1) + begin * self._lead.itemsize
        return np.fromfile(path, self._lead, end - begin, offset=place)


def _columns(leads: npt.NDArray[Any], labels: _Rows) -> dict[str, npt.NDArray[Any]]:
    return {"labels": labels, **{name: np.ascontiguousarray(leads[name]) for name in leads.dtype.names or ()}}


@dataclass(frozen=True)
class _UnsettledPart:
    path: Path
    row: np.dtype[Any]

    @property
    def first_row(self) -> int:
        return span_of(self.path).first_row

    @property
    def n_rows(self) -> int:
        return self.path.stat().st_size // self.row.itemsize

    def chunks(self, columns: Sequence[str], *, chunk_bytes: int = CHUNK_BYTES) -> Iterator[Chunk]:
        rows = np.fromfile(self.path, self.row)
        yield from ArrayPart({name: rows[name] for name in columns}, 0).chunks(columns, chunk_bytes=chunk_bytes)


def _named(columns: Chunk, start: str) -> Chunk:
    """The columns whose names start so, without that."""
    return {name.removeprefix(start): some for name, some in columns.items() if name.startswith(start)}
