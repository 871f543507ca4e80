"""Wrong labels in files that are larger than memory: the passes, one after the other, each of them finished once.

A look at the labels alone finds the classes. The first pass over the probabilities checks them and gathers the rows
from which the noise is read; the second judges every row. What it says of a row is kept on disk, a few numbers a row,
until the rate is known and flags can be told; those are written with the scores in the end.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.special import expit

from dechaff.core.backend import Backend, RowsDone
from dechaff.core.nth_largest import cut_of
from dechaff.core.progress import Progress
from dechaff.core.row_map import Beside, Column, NamedRows, RowMap
from dechaff.data.streams.frame_files import ParquetSink, ScratchSink, write_frame
from dechaff.data.streams.label_codes import DistinctLabels, LabelCodes
from dechaff.data.streams.label_stream import LabelStream
from dechaff.methods.label_errors.flag_rules import FlagLikely, FlagRule, FlagTop
from dechaff.methods.label_errors.label_noise import LabelNoise
from dechaff.methods.label_errors.noise_sample import NoiseSample, SampledRows
from dechaff.methods.label_errors.row_verdicts import RowVerdicts
from dechaff.methods.label_errors.verdict_rules import Rate, flags_likely, rate_by, verdicts_by
from dechaff.recipe.pass_folder import PassFolder
from dechaff.typing import Chunk, ClassMatrix, Numbers

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class JudgedStream:
    """What is known of all rows together; what is known of each stands in the files."""

    codes: LabelCodes
    counts: Counts
    """(k,) rows given each label."""
    flagged: Counts
    """(k,) those of them that are flagged."""
    noise: LabelNoise
    power: float
    steps: int
    expected_joint: ClassMatrix
    rate: Rate
    n_rows: int

    @property
    def classes(self) -> list[Any]:
        """The classes in the caller's own values."""
        return list(self.codes.classes.tolist())


@dataclass(frozen=True)
class StreamPasses:
    """The passes over one stream, on a backend, their results kept in a folder."""

    stream: LabelStream
    kept: PassFolder
    backend: Backend
    progress: Progress = field(repr=False)

    def run(self, class_names: Any) -> JudgedStream:
        """All passes that are not finished."""
        codes = self._codes(class_names)
        sample = self._sample(codes)
        power = sample.power()
        noise = sample.label_noise(power)
        verdicts = verdicts_by(noise, power)
        joint = self._verdicts(codes, verdicts)
        rate = rate_by(noise, joint, sample.n_rows)
        flagged = self._write(codes, noise, rate, sample.n_rows)
        return JudgedStream(codes, sample.counts, flagged, noise, power, verdicts.steps, joint, rate, sample.n_rows)

    def _codes(self, class_names: Any) -> LabelCodes:
        path = self.kept.passes / "labels.arrow"
        if not path.is_file():
            found = self.backend.fold(
                DistinctLabels(self.stream.n_classes), self.stream.source, rows_done=self._told("Finding the classes")
            )
            write_frame(path, pl.DataFrame({"label": sorted(found, key=str)}))
        names = self.stream.names if class_names is None else class_names
        return LabelCodes.of(frozenset(pl.read_ipc(path)["label"].to_list()), self.stream.n_classes, names)

    def _sample(self, codes: LabelCodes) -> NoiseSample:
        source = self.stream.coded(codes, checked=True)

        def gathered() -> dict[str, Any]:
            fold = SampledRows(source.n_rows, self.stream.n_classes)
            sample = self.backend.fold(fold, source, rows_done=self._told("Reading the noise"))
            (one, two), (three, four) = sample.calibration, sample.noise
            return {"counts": sample.counts, "labels": one, "probs": two, "noise_labels": three, "noise_probs": four}

        kept = self.kept.once("sample", gathered)
        some = ((kept["labels"], kept["probs"]), (kept["noise_labels"], kept["noise_probs"]))
        return NoiseSample(source.n_rows, kept["counts"], *some)

    def _verdicts(self, codes: LabelCodes, verdicts: RowVerdicts) -> ClassMatrix:
        def judged() -> dict[str, Any]:
            both = Beside(verdicts, ("labels", "ids") if self.stream.id_name else ("labels",))
            told = self._told("Judging the rows")
            source = self.stream.coded(codes)
            self._scratch.folder.mkdir(exist_ok=True)
            _, joint = self.backend.row_map(both, source, sink=self._scratch, rows_done=told)
            return {"joint": joint}

        return self.kept.once("verdicts", judged)["joint"]

    def _write(self, codes: LabelCodes, noise: LabelNoise, rate: Rate, n_rows: int) -> Counts:
        judged = self._scratch.written()
        rule: FlagRule = FlagLikely()
        if not flags_likely(noise):
            rule = FlagTop(cut_of(lambda fold: self.backend.fold(fold, judged), "log_odds", round(rate.value * n_rows)))
        classes = pl.Series(codes.classes.tolist())
        sink = ParquetSink(self.kept.folder, {"given": classes, "suggested": classes})
        told = self._told("Writing the scores")
        written = WrittenRows(rule, self.stream.id_name, self.stream.n_classes)
        return self.backend.row_map(written, judged, sink=sink, rows_done=told)[1]

    @property
    def _scratch(self) -> ScratchSink:
        return ScratchSink(self.kept.passes / "verdicts")

    def _told(self, step: str) -> RowsDone:
        done, total = [0], self.stream.source.n_rows

        def told(rows: int) -> None:
            done[0] += rows
            self.progress(step, done[0], total)

        self.progress(step, 0, total)
        return told


@dataclass(frozen=True)
class Score:
    """The row map from log-odds to probabilities."""

    columns: ClassVar[tuple[str, ...]] = ("log_odds",)

    def rows(self, chunk: Chunk) -> Numbers:
        """Probability that the label is wrong."""
        return np.asarray(expit(chunk["log_odds"]))


@dataclass(frozen=True)
class WrittenRows:
    """What is written of each row, in the order of the columns; the fold counts the flags by given label."""

    rule: FlagRule
    id_name: str | None
    n_classes: int
    keyed_by: ClassVar[str | None] = None

    @property
    def named(self) -> NamedRows:
        """The columns."""
        ids: dict[str, RowMap] = {} if self.id_name is None else {self.id_name: Column("ids")}
        known: dict[str, RowMap] = {"given": Column("labels"), "suggested": Column("suggested"), "score": Score()}
        return NamedRows({"row": Column("row"), **ids, **known, "log_odds": Column("log_odds"), "flag": self.rule})

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

    def merge(self, left: Counts, right: Counts) -> Counts:
        """Adds the counts."""
        return left + right

    def finalize(self, state: Counts) -> Counts:
        """The counts."""
        return state

    def rows_and_state(self, chunk: Chunk) -> tuple[Chunk, Counts]:
        """The columns of the chunk, and its flags."""
        columns, _ = self.named.rows_and_state(chunk)
        return columns, np.bincount(chunk["labels"][columns["flag"]], minlength=self.n_classes)
