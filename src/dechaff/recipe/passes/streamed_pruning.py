"""Confident learning over files that are larger than memory: one pass over them, what it says of the rows on disk.

A look at a few parts of the rows tells where the thresholds will lie, closely enough to settle what nearly all rows
count for; the few others are kept whole until the thresholds are known. Where that goes wrong, since the rows of other
parts are of another kind, the joint is counted in a second pass.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import Any

import numpy as np

from dechaff.core.exact_sum import ExactSum
from dechaff.core.parts import Parts
from dechaff.core.source import RowSpan
from dechaff.core.threads import threaded_map
from dechaff.data.streams.candidate_files import CandidateSink
from dechaff.data.streams.frame_files import check_whole
from dechaff.data.streams.label_codes import LabelCodes
from dechaff.errors import ProbsError
from dechaff.methods.label_errors.confident_joint import ConfidentJoint, calibrated_joint
from dechaff.methods.label_errors.confident_rows import Bounds, ConfidentRows, CountedRows, LikelyThresholds
from dechaff.methods.label_errors.confident_thresholds import ConfidentThresholds
from dechaff.methods.label_errors.margin_thresholds import (
    LargestMargins,
    MarginCandidates,
    MarginThresholds,
    RankedCandidates,
    likely_margins,
    margin_thresholds,
    short_pairs,
)
from dechaff.methods.label_errors.prune_counts import prune_counts
from dechaff.recipe.passes.streamed_labels import Counts, StreamPasses, values_of
from dechaff.typing import ClassVector, Rows

_EVERY = 16
"""One part in this many is read first."""
_MOST_UNSETTLED = 0.1
"""Fraction of the rows that may be kept whole: more of them cost more than another look at all."""
_WAITING = 8
"""Files that get their flags at a time: while the disk is waited for, others are worked on."""


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

    def run(self, class_names: Any) -> PrunedStream:
        """All passes that are not finished."""
        codes = self.passes.codes(class_names)
        bounds = self._bounds(codes)
        counted = self._counted(codes, bounds)
        joint = calibrated_joint(self._joint(codes, bounds, counted), counted.class_counts)
        flagged = self._flagged(codes, bounds, prune_counts(joint), counted)
        self.passes.kept.take(self._scratch(codes).paths())
        return PrunedStream(codes, counted.thresholds, counted.class_counts, joint, flagged)

    def _bounds(self, codes: LabelCodes) -> Bounds:
        """Where the thresholds will lie, from a few parts of the rows; where that settles too little, from all."""
        source = self._source(codes)

        def read() -> dict[str, Any]:
            found = self._likely_bounds(source)
            if found is None:
                advance = self.passes.progress_of("Reading the thresholds")
                exact = self.passes.backend.fold(ConfidentThresholds(self._k), source, rows_done=advance)
                found = Bounds(exact, exact, np.zeros((self._k, self._k)))
            return vars(found)

        with self._failing_rows_named(codes):
            return Bounds(**self.passes.kept.once("bounds", read))

    def _likely_bounds(self, source: Parts) -> Bounds | None:
        some = Parts(source.all_parts[_EVERY // 2 :: _EVERY])
        if not some.all_parts:
            return None
        advance = self.passes.progress_of("Looking at some rows", some.n_rows)
        bounds: Bounds = self.passes.backend.fold(LikelyThresholds(self._k), some, rows_done=advance)
        rows, counted = self.passes.backend.row_map(ConfidentRows(bounds), Parts(some.all_parts[:1]))
        if len(rows["unsettled.labels"]) > _MOST_UNSETTLED * len(rows["given"]):
            return None
        wanted = prune_counts(calibrated_joint(counted.joint, counted.class_counts))
        candidates = MarginCandidates(*(rows[f"candidates.{field.name}"] for field in fields(MarginCandidates)))
        return replace(bounds, least=likely_margins(candidates, wanted))

    def _counted(self, codes: LabelCodes, bounds: Bounds) -> CountedRows:
        def counted() -> dict[str, Any]:
            sink, advance = self._scratch(codes), self.passes.progress_of("Counting the joint")
            sink.folder.mkdir(exist_ok=True)
            both, source = ConfidentRows(bounds), self._source(codes)
            with self._failing_rows_named(codes):
                _, found = self.passes.backend.row_map(both, source, sink=sink, rows_done=advance)
            check_whole(sink.scored(), source.n_rows)
            counts = {"joint": found.joint, "class_counts": found.class_counts, "doubted": found.doubted}
            return {**counts, **vars(found.total)}

        kept = self.passes.kept.once("counted", counted)
        total = ExactSum(kept["whole"], kept["part"])
        return CountedRows(kept["joint"], kept["class_counts"], kept["doubted"], total)

    def _joint(self, codes: LabelCodes, bounds: Bounds, counted: CountedRows) -> Counts:
        """The rows that were settled, and the others by the thresholds; all of them anew where these lie elsewhere."""
        fold = ConfidentJoint(counted.thresholds)
        if bounds.hold(counted.thresholds):
            unsettled = self._scratch(codes).unsettled()
            others = 0 if unsettled is None else self.passes.backend.fold(fold, unsettled)
            return np.asarray(counted.joint + others)

        def again() -> dict[str, Counts]:
            advance = self.passes.progress_of("Counting the joint again")
            return {"joint": self.passes.backend.fold(fold, self._source(codes), rows_done=advance)}

        return self.passes.kept.once("joint", again)["joint"]

    def _flagged(self, codes: LabelCodes, bounds: Bounds, counts: Counts, counted: CountedRows) -> Counts:
        """Sets the flags of all rows; counts them by given label."""
        wanted = np.where((counted.class_counts > 1)[:, None], counts, 0)
        np.fill_diagonal(wanted, 0)
        sink = self._scratch(codes)
        spans = sink.spans()
        over_candidates = partial(self.passes.backend.fold, source=sink.candidates())
        thresholds = margin_thresholds(over_candidates, wanted, bounds.least, self.passes.stream.dtype)
        none_wanted = LargestMargins(np.zeros_like(wanted), bounds.least_margins(self.passes.stream.dtype))
        chosen = _Chosen(sink, thresholds, none_wanted.init())
        if (thresholds.leading < wanted).any():
            left = counted.doubted - sum(chosen.counts(rows) for rows in spans)
            short = replace(none_wanted, wanted=short_pairs(wanted, thresholds.leading, left))
            if short.wanted.any():
                advance = self.passes.progress_of("Ranking rows below the margins")
                chosen = replace(chosen, ranked=self.passes.backend.fold(short, self._source(codes), rows_done=advance))
        flagged, advance = np.zeros(self._k, dtype=np.int64), self.passes.progress_of("Setting the flags")
        for rows, some in zip(spans, threaded_map(chosen.flag, spans, threads=_WAITING), strict=True):
            flagged += some
            advance(rows.n_rows)
        return flagged

    @contextmanager
    def _failing_rows_named(self, codes: LabelCodes) -> Iterator[None]:
        """A ProbsError of the block names the file and the row: for bad files alone, another pass looks for it."""
        try:
            yield
        except ProbsError:
            checked = self.passes.stream.coded(codes, checked=True, by_column=True)
            self.passes.backend.fold(ConfidentThresholds(self._k), checked)
            raise

    def _source(self, codes: LabelCodes) -> Parts:
        return self.passes.stream.coded(codes, by_column=True)

    @property
    def _k(self) -> int:
        return self.passes.stream.n_classes

    def _scratch(self, codes: LabelCodes) -> CandidateSink:
        folder, dtype = self.passes.kept.passes / "rows", self.passes.stream.dtype
        return CandidateSink(folder, values_of(codes), n_classes=self._k, dtype=dtype)


@dataclass(frozen=True)
class _Chosen:
    """Which rows are pruned."""

    sink: CandidateSink
    thresholds: MarginThresholds
    ranked: RankedCandidates

    def counts(self, rows: RowSpan) -> Counts:
        """(k,) how many of these rows, by label."""
        return self._found(rows)[1]

    def flag(self, rows: RowSpan) -> Counts:
        """Flags them, and counts them."""
        found, counts = self._found(rows)
        flags = np.zeros(rows.n_rows, dtype=bool)
        flags[found - rows.first_row] = True
        self.sink.flag(rows, flags)
        return counts

    def _found(self, rows: RowSpan) -> tuple[Rows, Counts]:
        """Those that are pruned, a row once for each candidate class, and how many rows that are, by label."""
        candidates, ranked, k = MarginCandidates(**self.sink.candidates_in(rows)), self.ranked, self.sink.n_classes
        chosen = np.flatnonzero(self.thresholds.chosen(candidates))
        numbers, cells = candidates.rows.take(chosen), candidates.cells.take(chosen)
        some = (ranked.rows >= rows.first_row) & (ranked.rows < rows.stop) & ranked.doubted
        if some.any():
            numbers, cells = np.append(numbers, ranked.rows[some]), np.append(cells, ranked.cells[some])
            order = np.argsort(numbers, kind="stable")
            numbers, cells = numbers[order], cells[order]
        first = np.flatnonzero(np.diff(numbers, prepend=-1))
        return numbers, np.bincount(cells.take(first) // k, minlength=k)
