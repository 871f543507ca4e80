"""The recipe on files that need not fit into memory: look at a sample, then at every row, in passes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from dechaff.data.columns.cells import texts
from dechaff.recipe.findings_writer import FindingsWriter
from dechaff.recipe.large.asked import Asked
from dechaff.recipe.large.column_findings import column_findings
from dechaff.recipe.large.equal import Equal
from dechaff.recipe.large.facts import Checked, summary_in_passes
from dechaff.recipe.large.ground import Ground
from dechaff.recipe.large.ids import RowIds
from dechaff.recipe.large.known import Known
from dechaff.recipe.large.large_examples import evidence_of
from dechaff.recipe.large.look import check_test_file
from dechaff.recipe.large.looked import OF_COLUMNS, Looked
from dechaff.recipe.large.purpose import LabelsDone, Purpose
from dechaff.recipe.large.scan import Scanned, scan
from dechaff.recipe.large.steps import CopiesDone, LookDone, Models, compare_rows, judge_by_models, look_at_rows
from dechaff.recipe.metrics import AuditSummary
from dechaff.recipe.pass_folder import PassFolder, audit_passes, fingerprint
from dechaff.recipe.proposals import decide
from dechaff.recipe.row_results import RowResults
from dechaff.recipe.row_store import RowStore
from dechaff.recipe.run_writer import AuditOutcome, Piece
from dechaff.records.findings import Detection
from dechaff.records.frames import RowNames, not_run_finding

T = TypeVar("T")
PROPOSING = ("L002", "L001", "P001", "P002", "D001", "D003", "D002", "L003", "C002")
"""In order of trust: what is known of a whole slice goes before what is known of one row."""
_SAID = ("looking", "copies", "labels", "columns")


@dataclass(frozen=True)
class AuditedInPasses:
    """What all passes found; the rows' own outcomes lie in the run folder."""

    ground: Ground
    copies: CopiesDone
    summary: AuditSummary
    models: Models
    purpose: Purpose

    def outcome(self) -> AuditOutcome:
        """What was found, ready to be written."""
        ground, known = self.ground, self.ground.known
        findings = [FindingsWriter(ground.places.subfolder(f"said-{name}")) for name in _SAID]
        results = RowResults(ground.store, FindingsWriter())
        return AuditOutcome(
            self.summary,
            findings,
            results,
            lambda: _pieces(ground, self.copies.equal.of(ground.store), results),
            lambda rows: evidence_of(known, rows, ground.parts, self.models.encoded),
            renamed=lambda examples: self.purpose.examples(examples, known),
        )


def _pieces(ground: Ground, equal: Equal, results: RowResults) -> Iterator[Piece]:
    """The training rows, block by block."""
    known, seen, progress = ground.known, ground.seen, ground.asked.progress
    names = np.array([*known.sample.class_names, ""], dtype=object)
    progress("decisions", 0, known.n_rows)
    for block in known.blocks:
        span = slice(block.first_row, block.first_row + block.n_rows)
        places = np.flatnonzero(np.asarray(seen.trains[span]))
        if len(places):
            rows = places + block.first_row
            codes = np.asarray(seen.codes[rows], dtype=np.int64)
            keys = zip(seen.keys[rows].tolist(), equal.ordinals[rows].tolist(), strict=True)
            named = texts([f"{key:016x}:{ordinal}" for key, ordinal in keys])
            decided = decide(results.proposals(PROPOSING, span), block.n_rows).take(places)
            yield Piece(rows, RowNames(seen.ids.of(rows), named, names[codes]), codes, decided)
        progress("decisions", block.first_row + block.n_rows, known.n_rows)


def audit_in_passes(asked: Asked, purpose: Purpose, options: Mapping[str, Any]) -> AuditedInPasses:
    """Every pass that was not finished before.

    Parameters
    ----------
    asked : what was asked for.
    purpose : whether labels name classes, or mark positives.
    options : the same as plain values: passes that were finished for others are done anew.
    """
    tested = None if asked.tested is None else asked.tested.sha256
    places = audit_passes(asked.folder, fingerprint((), sha256=asked.sha256, tested=tested, **options))
    places.resume()

    def kept(name: str, form: type[T], work: Callable[[], T]) -> T:
        return places.outcome(name, form, work, asked.progress)

    scanned = kept("reading", Scanned, lambda: _scan(asked))
    known = purpose.know(asked, scanned)
    if asked.tested is not None:
        check_test_file(known, asked.tested)
    looked = kept("audit of the sample", Looked, lambda: purpose.look_at_sample(known, asked))
    ground = Ground(asked, known, looked, places, RowStore(places.subfolder("rows"), known.n_rows), _ids(known, places))
    look = kept("looking at every row", LookDone, lambda: look_at_rows(ground))
    copies = kept("comparing rows", CopiesDone, lambda: compare_rows(ground, positives=purpose.positives))
    models = Models(ground)
    kept("judging every row", bool, lambda: judge_by_models(ground, models))
    labels = kept("labels", LabelsDone, lambda: purpose.judge(ground, copies.equal.of(ground.store)))
    summary = _summary(ground, purpose, (look, copies, labels))
    return AuditedInPasses(ground, copies, summary, models, purpose)


def _scan(asked: Asked) -> Scanned:
    return scan(
        asked.source, asked.wishes, share=asked.share, most=asked.sample_rows, seed=asked.seed, progress=asked.progress
    )


def _ids(known: Known, places: PassFolder) -> RowIds:
    if not known.sample.id_name:
        return RowIds(None)
    return RowIds(places.subfolder("ids"), tuple(block.first_row for block in known.blocks))


def _summary(ground: Ground, purpose: Purpose, done: tuple[LookDone, CopiesDone, LabelsDone]) -> AuditSummary:
    """What the report says; findings about columns and checks that were not run are written down here."""
    look, copies, labels = done
    not_run = {code: why for code, why in ground.looked.not_run.items() if code in OF_COLUMNS}
    not_run |= {**copies.not_run, **labels.not_run}
    results = ground.results("columns")
    results.found(column_findings(ground.known, ground.looked, look.columns), ground.ids.name)
    results.found(purpose.class_findings(ground.known), ground.ids.name)
    results.found([not_run_finding(Detection(code, not_run=why)) for code, why in not_run.items()], ground.ids.name)
    results.writer.flush()
    counts: Counter[str] = Counter()
    for one in (look.counts, copies.counts, labels.counts, results.writer.counts):
        counts.update(one)
    checked = Checked(dict(counts), not_run, look.test_rows)
    return summary_in_passes(ground, look.columns, checked, labels, purpose)
