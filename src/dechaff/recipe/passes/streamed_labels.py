"""Wrong labels in files that are larger than memory: the passes, one after the other, each of them finished once.

A look at the labels alone finds the classes. The first pass over the probabilities checks them and gathers the rows
from which the noise is read; the second scores every row. The scores of a row are kept on disk, a few numbers a row,
until the rate is known and rows can be flagged; those are written with the scores in the end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy.special import expit

from dechaff.core.fold import Beside, Column, NamedRows, RowMap
from dechaff.core.top_rows import cut_of
from dechaff.data.streams.frame_files import ScratchSink
from dechaff.data.streams.label_codes import LabelCodes
from dechaff.methods.label_errors.error_passes import FlagRule, OverallEstimates, estimate_in_passes
from dechaff.methods.label_errors.noise_posterior import RowErrorOdds
from dechaff.methods.label_errors.noise_sample import NoiseSample, SampledRows
from dechaff.recipe.passes.stream_passes import Counts, StreamPasses
from dechaff.typing import Chunk, ClassMatrix, Json, Numbers


@dataclass(frozen=True)
class StreamEstimates:
    """What is known of all rows together; what is known of each stands in the files."""

    codes: LabelCodes
    counts: Counts
    """(k,) rows given each label."""
    flagged: Counts
    """(k,) those of them that are flagged."""
    found: OverallEstimates

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
        sample = self._sample(codes)
        power = sample.power()
        backend, kept = self.passes.backend, self._scratch
        found = estimate_in_passes(
            sample.label_noise(power),
            power,
            sample.n_rows,
            over_rows=lambda odds: self._score(codes, odds),
            cut=lambda n: cut_of(lambda fold: backend.fold(fold, kept.written(sample.n_rows)), "log_odds", n),
        )
        flagged = self.passes.write(
            _written(found.flag_rule, self.passes.stream.id_name), codes, kept.written(sample.n_rows)
        )
        return StreamEstimates(codes, sample.counts, flagged, found)

    def _sample(self, codes: LabelCodes) -> NoiseSample:
        source = self.passes.stream.coded(codes, checked=True)

        def gathered() -> Json:
            fold = SampledRows(source.n_rows, self.passes.stream.n_classes)
            sample = self.passes.backend.fold(fold, source, rows_done=self.passes.told("Reading the noise"))
            (one, two), (three, four) = sample.calibration, sample.noise
            return {"counts": sample.counts, "labels": one, "probs": two, "noise_labels": three, "noise_probs": four}

        kept = self.passes.kept.once("sample", gathered)
        some = ((kept["labels"], kept["probs"]), (kept["noise_labels"], kept["noise_probs"]))
        return NoiseSample(source.n_rows, kept["counts"], *some)

    def _score(self, codes: LabelCodes, odds: RowErrorOdds) -> ClassMatrix:
        def scored() -> Json:
            both = Beside(odds, ("labels", "ids") if self.passes.stream.id_name else ("labels",))
            source, told = self.passes.stream.coded(codes), self.passes.told("Scoring the rows")
            self._scratch.folder.mkdir(exist_ok=True)
            _, joint = self.passes.backend.row_map(both, source, sink=self._scratch, rows_done=told)
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


def _written(rule: FlagRule, id_name: str | None) -> NamedRows:
    """What is written of each row, in the order of the columns."""
    ids: dict[str, RowMap] = {} if id_name is None else {id_name: Column("ids")}
    known: dict[str, RowMap] = {"given": Column("labels"), "suggested": Column("suggested"), "score": Score()}
    return NamedRows({"row": Column("row"), **ids, **known, "log_odds": Column("log_odds"), "flag": rule})
