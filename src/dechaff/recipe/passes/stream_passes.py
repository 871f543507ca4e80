"""What passes over a stream of labels and probabilities share: the classes, the progress, the rows that are written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from dechaff.core.backend import Backend, RowsDone
from dechaff.core.codes import marked_counts
from dechaff.core.fold import NamedRows, SumFold
from dechaff.core.parts import Parts
from dechaff.core.progress import Progress
from dechaff.data.streams.frame_files import ParquetSink, check_whole, write_frame
from dechaff.data.streams.label_codes import DistinctLabels, LabelCodes
from dechaff.data.streams.label_stream import LabelStream, stray_label
from dechaff.errors import LabelsError
from dechaff.recipe.passes.pass_folder import PassFolder
from dechaff.typing import Chunk

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class StreamPasses:
    """One stream, the backend that reads it, and the folder where the results of passes are kept."""

    stream: LabelStream
    kept: PassFolder
    backend: Backend
    progress: Progress = field(repr=False)

    def codes(self, class_names: Any) -> LabelCodes:
        """The classes, by a look at the labels, up to where there is one for each column."""
        path = self.kept.passes / "labels.arrow"
        k = self.stream.n_classes
        names = self.stream.names if class_names is None else class_names
        try:
            if not path.is_file():
                found = self._distinct(k)
                write_frame(path, pl.DataFrame({"label": sorted(found, key=str)}, strict=False))
            return LabelCodes.of(frozenset(pl.read_ipc(path)["label"].to_list()), k, names)
        except LabelsError as error:
            raise stray_label(self.stream, names) or error from error

    def _distinct(self, k: int) -> frozenset[Any]:
        """The different labels: the first part mostly has all; one beyond these is an error wherever it comes."""
        source = self.stream.source
        for parts in (Parts(source.all_parts[:1]), source):
            told = self.told("Finding the classes", parts.n_rows)
            found = self.backend.fold(DistinctLabels(k), parts, rows_done=told)
            if len(found) == k:
                break
        return found

    def write(self, named: NamedRows, codes: LabelCodes, rows: Parts) -> Counts:
        """Writes the columns of all rows, and counts the flags by given label."""
        sink = ParquetSink(self.kept.passes / "scores", values_of(codes))
        sink.folder.mkdir(exist_ok=True)
        written, told = WrittenRows(named, len(codes.classes)), self.told("Writing the scores")
        flagged: Counts = self.backend.row_map(written, rows, sink=sink, rows_done=told)[1]
        check_whole(sink.paths(), rows.n_rows)
        self.kept.take(sink.paths())
        return flagged

    def told(self, step: str, n_rows: int | None = None) -> RowsDone:
        """Tells of the rows of a step as they are finished: of so many, or of all."""
        done, total = [0], self.stream.source.n_rows if n_rows is None else n_rows

        def told(rows: int) -> None:
            done[0] += rows
            self.progress(step, done[0], total)

        self.progress(step, 0, total)
        return told


def values_of(codes: LabelCodes) -> dict[str, pl.Series]:
    """What codes stand for in the columns that are written."""
    values = codes.classes.tolist()
    one_kind = len(set(map(type, values))) == 1
    classes = pl.Series(values if one_kind else list(map(str, values)))
    classes = classes.shrink_dtype() if classes.dtype.is_integer() else classes
    return {"given": classes, "suggested": classes}


@dataclass(frozen=True)
class WrittenRows(SumFold[Counts]):
    """What is written of each row, in the order of the columns; the fold counts the flags by given label."""

    named: NamedRows
    n_classes: int

    @property
    def columns(self) -> tuple[str, ...]:
        """What they are made of."""
        return self.named.columns

    def init(self) -> Counts:
        """No flags."""
        return np.zeros(self.n_classes, dtype=np.int64)

    def update(self, state: Counts, chunk: Chunk) -> Counts:
        """Counts the chunk's flags."""
        return self.merge(state, self.rows_and_state(chunk)[1])

    def rows_and_state(self, chunk: Chunk) -> tuple[Chunk, Counts]:
        """The columns of the chunk, and its flags."""
        columns, _ = self.named.rows_and_state(chunk)
        return columns, marked_counts(columns["given"].astype(np.int64), columns["flag"], self.n_classes)
