"""Confident learning over files that are larger than memory: two passes over them, and the candidates kept on disk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from dechaff.core.row_map import Column, NamedRows, RowMap
from dechaff.data.streams.candidate_files import CandidateSink
from dechaff.data.streams.label_codes import LabelCodes
from dechaff.methods.label_errors.calibrated_joint import calibrated_joint
from dechaff.methods.label_errors.confident_rows import ConfidentRows, CountedRows
from dechaff.methods.label_errors.confident_thresholds import ConfidentThresholds
from dechaff.methods.label_errors.leading_candidates import Competitors, SomeRows, flagged_rows, short_pairs
from dechaff.methods.label_errors.prune_counts import prune_counts
from dechaff.recipe.pass_folder import PassFolder
from dechaff.recipe.stream_passes import Counts, StreamPasses
from dechaff.typing import Chunk, ClassVector, Mask

_GROUP_BYTES = 2**24
"""Bytes of candidates that are ranked together: those of as many classes as it takes."""


@dataclass(frozen=True)
class PrunedStream:
    """What is known of all rows together."""

    codes: LabelCodes
    thresholds: ClassVector
    counts: Counts
    """(k,) rows given each label."""
    joint: Counts
    """(k, k) calibrated joint."""
    flagged: Counts
    """(k,) rows given each label that are flagged."""


@dataclass(frozen=True)
class PrunePasses:
    """The passes of confident learning over one stream."""

    passes: StreamPasses

    @property
    def kept(self) -> PassFolder:
        """Where results are kept."""
        return self.passes.kept

    def run(self, class_names: Any) -> PrunedStream:
        """All passes that are not finished."""
        codes = self.passes.codes(class_names)
        k = self.passes.stream.n_classes
        thresholds = self._thresholds(codes, k)
        counted = self._counted(codes, thresholds)
        joint = calibrated_joint(counted.joint, counted.class_counts)
        flags = self._flags(codes, prune_counts(joint), counted.class_counts)
        flagged = self.passes.write(_written(flags), codes, self._scratch.written())
        return PrunedStream(codes, thresholds, counted.class_counts, joint, flagged)

    def _thresholds(self, codes: LabelCodes, k: int) -> ClassVector:
        source = self.passes.stream.coded(codes, checked=True)

        def read() -> dict[str, Any]:
            told = self.passes.told("Reading the thresholds")
            return {"thresholds": self.passes.backend.fold(ConfidentThresholds(k), source, rows_done=told)}

        return self.kept.once("thresholds", read)["thresholds"]

    def _counted(self, codes: LabelCodes, thresholds: ClassVector) -> CountedRows:
        def counted() -> dict[str, Any]:
            self._scratch.folder.mkdir(exist_ok=True)
            told = self.passes.told("Counting the joint")
            source = self.passes.stream.coded(codes)
            _, found = self.passes.backend.row_map(
                ConfidentRows(thresholds), source, sink=self._scratch, rows_done=told
            )
            return {"joint": found.joint, "class_counts": found.class_counts}

        return CountedRows(**self.kept.once("counted", counted))

    def _flags(self, codes: LabelCodes, counts: Counts, class_counts: Counts) -> npt.NDArray[np.uint8]:
        """A bit a row."""
        wanted = np.where((class_counts > 1)[:, None], counts, 0)
        np.fill_diagonal(wanted, 0)
        bits = np.zeros((int(class_counts.sum()) + 7) // 8, dtype=np.uint8)
        for candidates in self._groups():
            short = short_pairs(candidates, wanted)
            if short.any():
                rivals = self.passes.backend.fold(Competitors(short), self.passes.stream.coded(codes))
                candidates = candidates.and_others(rivals)
            rows = flagged_rows(candidates, wanted)
            np.bitwise_or.at(bits, rows >> 3, np.uint8(1) << (rows & 7).astype(np.uint8))
        return bits

    def _groups(self) -> Iterator[SomeRows]:
        """The candidates of some classes at a time."""
        k = self.passes.stream.n_classes
        sizes = self._scratch.candidate_counts() * (k * self._scratch.dtype.itemsize + 17)
        first = 0
        while first < k:
            stop = max(first + 1, int(np.searchsorted(np.cumsum(sizes[first:]), _GROUP_BYTES, side="right")) + first)
            rows, labels, probs = self._scratch.candidates(first, stop)
            yield SomeRows(rows, labels, probs, np.ones(len(rows), dtype=bool))
            first = stop

    @property
    def _scratch(self) -> CandidateSink:
        folder = self.kept.passes / "candidates"
        stream = self.passes.stream
        return CandidateSink(folder, n_classes=stream.n_classes, dtype=stream.dtype)


@dataclass(frozen=True)
class FlagBits:
    """The row map to flags that are known, a bit a row."""

    bits: npt.NDArray[np.uint8] = field(repr=False)
    columns: ClassVar[tuple[str, ...]] = ("row",)

    def rows(self, chunk: Chunk) -> Mask:
        """Whether each row is flagged."""
        rows = chunk["row"]
        return np.asarray((self.bits[rows >> 3] >> (rows & 7).astype(np.uint8)) & 1, dtype=bool)


@dataclass(frozen=True)
class Doubt:
    """The row map from the probability of the given label to the score, one less it."""

    columns: ClassVar[tuple[str, ...]] = ("given",)

    def rows(self, chunk: Chunk) -> npt.NDArray[Any]:
        """Higher = look at this row first."""
        return np.asarray(1 - chunk["given"].astype(np.float64))


def _written(flags: npt.NDArray[np.uint8]) -> NamedRows:
    """What is written of each row, in the order of the columns."""
    known: dict[str, RowMap] = {"row": Column("row"), "given": Column("labels"), "suggested": Column("suggested")}
    return NamedRows({**known, "score": Doubt(), "flag": FlagBits(flags)})
