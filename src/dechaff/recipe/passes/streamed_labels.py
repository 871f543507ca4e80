"""Wrong labels in files that are larger than memory: the passes, one after the other, each of them finished once.

A look at the labels alone finds the classes. The first pass over the probabilities checks them and gathers the rows
from which the noise is read; the second scores every row. The scores of a row are kept on disk, a few numbers per row,
until the rate is known and rows can be flagged; those are written with the scores in the end.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.special import expit

from dechaff.core.backend import Backend, RowsDone
from dechaff.core.codes import marked_counts
from dechaff.core.fold import Beside, Column, NamedRows, RowMap, SumFold
from dechaff.core.parts import Parts
from dechaff.core.progress import Progress
from dechaff.core.top_rows import cut_of
from dechaff.data.streams.frame_files import ParquetSink, ScratchSink, check_whole, write_frame
from dechaff.data.streams.label_codes import DistinctLabels, LabelCodes
from dechaff.data.streams.label_stream import LabelStream, stray_label
from dechaff.errors import LabelsError
from dechaff.methods.label_errors.error_passes import FlagTop, OverallEstimates, estimate_by_passes
from dechaff.methods.label_errors.noise_posterior import RowErrorOdds
from dechaff.methods.label_errors.noise_sample import NoiseSample, SampledRows
from dechaff.models.baseline_guard import distrust
from dechaff.recipe.passes.pass_folder import PassFolder
from dechaff.typing import Chunk, ClassMatrix, Json, Numbers

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
            advance = self.progress_of("Finding the classes", parts.n_rows)
            found = self.backend.fold(DistinctLabels(k), parts, rows_done=advance)
            if len(found) == k:
                break
        return found

    def write(self, named: NamedRows, codes: LabelCodes, rows: Parts) -> Counts:
        """Writes the columns of all rows, and counts the flags by given label."""
        sink = ParquetSink(self.kept.passes / "scores", values_of(codes))
        sink.folder.mkdir(exist_ok=True)
        written, advance = WrittenRows(named, len(codes.classes)), self.progress_of("Writing the scores")
        flagged: Counts = self.backend.row_map(written, rows, sink=sink, rows_done=advance)[1]
        check_whole(sink.paths(), rows.n_rows)
        self.kept.take(sink.paths())
        return flagged

    def progress_of(self, step: str, n_rows: int | None = None) -> RowsDone:
        """A callback for the rows of a step that are finished, of `n_rows` or of all."""
        done, total = [0], self.stream.source.n_rows if n_rows is None else n_rows

        def advance(rows: int) -> None:
            done[0] += rows
            self.progress(step, done[0], total)

        self.progress(step, 0, total)
        return advance


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


@dataclass(frozen=True)
class StreamEstimates:
    """What is known of all rows together; what is known of each stands in the files."""

    codes: LabelCodes
    counts: Counts
    """(k,) rows given each label."""
    flagged: Counts
    """(k,) those of them that are flagged."""
    found: OverallEstimates
    distrust: str
    """Why none of it should be believed, as a sample of the rows shows; "" if there is no reason."""

    @property
    def classes(self) -> list[Any]:
        """The classes in the caller's own values."""
        return list(self.codes.classes.tolist())


@dataclass(frozen=True)
class LabelErrorPasses:
    """The passes over one stream that estimate its label errors."""

    passes: StreamPasses

    def run(self, class_names: Any) -> StreamEstimates:
        """All passes that are not finished."""
        codes = self.passes.codes(class_names)
        gathered = self._sample(codes)
        sample = gathered.calibrated()
        power = sample.power()
        backend, kept = self.passes.backend, self._scratch
        found = estimate_by_passes(
            sample.label_noise(power),
            power,
            sample.n_rows,
            over_rows=lambda odds: self._score(codes, odds),
            cut=lambda n: cut_of(lambda fold: backend.fold(fold, kept.written(sample.n_rows)), "log_odds", n),
        )
        flagged = self.passes.write(
            _written(found.flag_rule, self.passes.stream.id_name), codes, kept.written(sample.n_rows)
        )
        return StreamEstimates(codes, sample.counts, flagged, found, distrust(*gathered.noise))

    def _sample(self, codes: LabelCodes) -> NoiseSample:
        source = self.passes.stream.coded(codes, checked=True)

        def gathered() -> Json:
            fold = SampledRows(source.n_rows, self.passes.stream.n_classes)
            sample = self.passes.backend.fold(fold, source, rows_done=self.passes.progress_of("Reading the noise"))
            (one, two), (three, four) = sample.calibration, sample.noise
            return {"counts": sample.counts, "labels": one, "probs": two, "noise_labels": three, "noise_probs": four}

        kept = self.passes.kept.once("sample", gathered)
        some = ((kept["labels"], kept["probs"]), (kept["noise_labels"], kept["noise_probs"]))
        return NoiseSample(source.n_rows, kept["counts"], *some)

    def _score(self, codes: LabelCodes, odds: RowErrorOdds) -> ClassMatrix:
        def scored() -> Json:
            both = Beside(odds, ("labels", "ids") if self.passes.stream.id_name else ("labels",))
            source, advance = self.passes.stream.coded(codes), self.passes.progress_of("Scoring the rows")
            self._scratch.folder.mkdir(exist_ok=True)
            _, joint = self.passes.backend.row_map(both, source, sink=self._scratch, rows_done=advance)
            return {"joint": joint}

        return self.passes.kept.once("odds", scored)["joint"]

    @property
    def _scratch(self) -> ScratchSink:
        return ScratchSink(self.passes.kept.passes / "odds")


@dataclass(frozen=True)
class Score:
    """The row map from log-odds to probabilities."""

    columns: ClassVar[tuple[str, ...]] = ("log_odds",)

    def rows(self, chunk: Chunk) -> Numbers:
        """Probability that the label is wrong."""
        return np.asarray(expit(chunk["log_odds"]))


def _written(rule: FlagTop, id_name: str | None) -> NamedRows:
    """What is written of each row, in the order of the columns."""
    ids: dict[str, RowMap] = {} if id_name is None else {id_name: Column("ids")}
    known: dict[str, RowMap] = {"given": Column("labels"), "suggested": Column("suggested"), "score": Score()}
    return NamedRows({"row": Column("row"), **ids, **known, "log_odds": Column("log_odds"), "flag": rule})
