"""The few rows of a stream that a later step needs whole, kept by their label so that it can read some labels alone."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.core.files import write_whole
from dechaff.core.source import RowSpan
from dechaff.data.streams.frame_files import ScratchSink
from dechaff.typing import Chunk

_Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class CandidateSink(ScratchSink):
    """Takes columns of all rows, and three of some: ``candidates``, ``candidate_labels`` and ``candidate_probs``."""

    n_classes: int = 0
    dtype: np.dtype[Any] = field(default_factory=lambda: np.dtype(np.float64))
    """Precision of the probabilities."""

    def write(self, rows: RowSpan, columns: Chunk) -> None:
        """The answers of some rows; the file that says that they are done comes last."""
        labels = columns["candidate_labels"]
        order = np.argsort(labels, kind="stable")
        starts = np.searchsorted(labels[order], np.arange(self.n_classes + 1)).astype(np.int64)
        probs = columns["candidate_probs"][order].astype(self.dtype, copy=False)
        raw = io.BytesIO()
        for array in (starts, columns["candidates"][order], probs):
            raw.write(np.ascontiguousarray(array).data)
        write_whole(self.path_of(rows).with_suffix(".candidates"), raw.getbuffer())
        super().write(rows, {name: some for name, some in columns.items() if not name.startswith("candidate")})

    def candidate_counts(self) -> npt.NDArray[np.int64]:
        """(k,) candidates of each label."""
        counts = [np.diff(self._starts(path)) for path in self._files()]
        return np.asarray(np.sum(counts, axis=0), dtype=np.int64)

    def candidates(self, first: int, stop: int) -> tuple[_Rows, _Rows, npt.NDArray[Any]]:
        """Numbers, labels and probabilities of the candidates of the labels from one to another, by number."""
        pieces = [self._piece(path, first, stop) for path in self._files()]
        rows, labels, probs = (np.concatenate(column) for column in zip(*pieces, strict=True))
        if (rows[1:] > rows[:-1]).all():  # as they are where it is one label
            return rows, labels, probs
        order = np.argsort(rows, kind="stable")
        return rows[order], labels[order], probs[order]

    def _files(self) -> Iterator[Path]:
        yield from sorted(self.folder.glob("rows-*.candidates"))

    def _starts(self, path: Path) -> _Rows:
        return np.fromfile(path, np.int64, self.n_classes + 1)

    def _piece(self, path: Path, first: int, stop: int) -> tuple[_Rows, _Rows, npt.NDArray[Any]]:
        starts = self._starts(path)
        begin, end, all_rows = int(starts[first]), int(starts[stop]), int(starts[-1])
        place, k = 8 * len(starts), self.n_classes
        rows = np.fromfile(path, np.int64, end - begin, offset=place + 8 * begin)
        place += 8 * all_rows + begin * k * self.dtype.itemsize
        probs = np.fromfile(path, self.dtype, (end - begin) * k, offset=place).reshape(-1, k)
        return rows, np.repeat(np.arange(first, stop), np.diff(starts[first : stop + 1])), probs
