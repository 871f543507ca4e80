"""Confident learning over files that are larger than memory: one pass over them, what it says of the rows on disk.

A look at a few parts of the rows tells where the thresholds will lie, closely enough to settle what nearly all rows
count for; the few others are kept whole until the thresholds are known. Where that goes wrong, since the rows of other
parts are of another kind, the joint is counted in a second pass.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from dechaff.core.exact_sum import ExactSum
from dechaff.core.parts import Parts
from dechaff.core.row_map import Column, NamedRows, RowMap
from dechaff.data.streams.label_codes import LabelCodes
from dechaff.data.streams.lead_files import LeadSink
from dechaff.methods.label_errors.calibrated_joint import calibrated_joint
from dechaff.methods.label_errors.confident_joint import ConfidentJoint
from dechaff.methods.label_errors.confident_rows import Bounds, ConfidentRows, CountedRows, LikelyThresholds
from dechaff.methods.label_errors.confident_thresholds import ConfidentThresholds
from dechaff.methods.label_errors.leading_candidates import (
    Competitors,
    Leads,
    chosen_leads,
    likely_margins,
    short_pairs,
)
from dechaff.methods.label_errors.prune_counts import prune_counts
from dechaff.recipe.pass_folder import PassFolder
from dechaff.recipe.stream_passes import Counts, StreamPasses
from dechaff.typing import Chunk, ClassVector, Mask

_GROUP_BYTES, _LEAD_BYTES = 2**24, 24
"""Bytes of leads that are ranked together: those of as many classes as it takes."""
_EVERY = 16
"""One part of so many is looked at first."""
_MOST_UNSETTLED = 0.1
"""Share of the rows that may be kept whole: more of them cost more than another look at all."""


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
        bounds = self._bounds(codes)
        counted = self._counted(codes, bounds)
        joint = calibrated_joint(self._joint(codes, bounds, counted), counted.class_counts)
        flags = self._flags(codes, prune_counts(joint), counted)
        n_rows = self.passes.stream.source.n_rows
        flagged = self.passes.write(_written(flags), codes, self._scratch.written(n_rows))
        return PrunedStream(codes, counted.thresholds, counted.class_counts, joint, flagged)

    def _bounds(self, codes: LabelCodes) -> Bounds:
        """Where the thresholds will lie, from a few parts of the rows; where that settles too little, from all."""
        source = self._source(codes, checked=True)

        def read() -> dict[str, Any]:
            found = self._likely_bounds(source)
            if found is None:
                told = self.passes.told("Reading the thresholds")
                exact = self.passes.backend.fold(ConfidentThresholds(self._k), source, rows_done=told)
                found = Bounds(exact, exact, np.zeros((self._k, self._k)))
            return vars(found)

        return Bounds(**self.kept.once("bounds", read))

    def _likely_bounds(self, source: Parts) -> Bounds | None:
        some = Parts(source.all_parts[_EVERY // 2 :: _EVERY])
        if not some.all_parts:
            return None
        told = self.passes.told("Looking at some rows", some.n_rows)
        bounds: Bounds = self.passes.backend.fold(LikelyThresholds(self._k), some, rows_done=told)
        rows, counted = self.passes.backend.row_map(ConfidentRows(bounds), Parts(some.all_parts[:1]))
        if len(rows["unsettled.labels"]) > _MOST_UNSETTLED * len(rows["labels"]):
            return None
        wanted = prune_counts(calibrated_joint(counted.joint, counted.class_counts))
        leads = Leads(*(rows[f"leads.{field.name}"] for field in fields(Leads)))
        return replace(bounds, least=likely_margins(leads, wanted))

    def _counted(self, codes: LabelCodes, bounds: Bounds) -> CountedRows:
        def counted() -> dict[str, Any]:
            self._scratch.folder.mkdir(exist_ok=True)
            told = self.passes.told("Counting the joint")
            both, source = ConfidentRows(bounds), self._source(codes, checked=True)
            _, found = self.passes.backend.row_map(both, source, sink=self._scratch, rows_done=told)
            counts = {"joint": found.joint, "class_counts": found.class_counts, "doubted": found.doubted}
            return {**counts, **vars(found.total)}

        kept = self.kept.once("counted", counted)
        total = ExactSum(kept["whole"], kept["part"])
        return CountedRows(kept["joint"], kept["class_counts"], kept["doubted"], total)

    def _joint(self, codes: LabelCodes, bounds: Bounds, counted: CountedRows) -> Counts:
        """The rows that were settled, and the others by the thresholds; all of them anew where these lie elsewhere."""
        fold = ConfidentJoint(counted.thresholds)
        if bounds.hold(counted.thresholds):
            unsettled = self._scratch.unsettled()
            others = 0 if unsettled is None else self.passes.backend.fold(fold, unsettled)
            return np.asarray(counted.joint + others)

        def again() -> dict[str, Any]:
            told = self.passes.told("Counting the joint again")
            return {"joint": self.passes.backend.fold(fold, self._source(codes), rows_done=told)}

        return self.kept.once("joint", again)["joint"]

    def _flags(self, codes: LabelCodes, counts: Counts, counted: CountedRows) -> npt.NDArray[np.uint8]:
        """A bit a row."""
        wanted = np.where((counted.class_counts > 1)[:, None], counts, 0)
        np.fill_diagonal(wanted, 0)
        bits = np.zeros((int(counted.class_counts.sum()) + 7) // 8, dtype=np.uint8)
        leading, left = np.zeros_like(wanted), counted.doubted.copy()
        for first, stop in self._groups():
            chosen, counts_of_some = chosen_leads(Leads(**self._scratch.leads(first, stop)), wanted)
            _mark(bits, chosen.rows)
            leading += counts_of_some
            for label in np.flatnonzero((counts_of_some < wanted).any(axis=1)).tolist():
                left[label] -= len(np.unique(chosen.rows[chosen.labels == label]))
        short = short_pairs(wanted, leading, left)
        if short.any():
            rivals = self.passes.backend.fold(Competitors(short), self._source(codes))
            _mark(bits, rivals.rows[rivals.doubted])
        return bits

    def _groups(self) -> Iterator[tuple[int, int]]:
        """Labels whose leads are ranked together, from one to another."""
        sizes = self._scratch.lead_counts() * _LEAD_BYTES
        first = 0
        while first < self._k:
            stop = max(first + 1, int(np.searchsorted(np.cumsum(sizes[first:]), _GROUP_BYTES, side="right")) + first)
            yield first, stop
            first = stop

    def _source(self, codes: LabelCodes, *, checked: bool = False) -> Parts:
        return self.passes.stream.coded(codes, checked=checked, by_column=True)

    @property
    def _k(self) -> int:
        return self.passes.stream.n_classes

    @property
    def _scratch(self) -> LeadSink:
        return LeadSink(self.kept.passes / "rows", n_classes=self._k, dtype=self.passes.stream.dtype)


def _mark(bits: npt.NDArray[np.uint8], rows: npt.NDArray[np.int64]) -> None:
    np.bitwise_or.at(bits, rows >> 3, np.uint8(1) << (rows & 7).astype(np.uint8))


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
