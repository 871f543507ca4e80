"""The recipe on files that need not fit into memory: look at a sample, then at every row, in passes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dechaff.recipe.large.asked import Asked
from dechaff.recipe.large.column_findings import column_findings
from dechaff.recipe.large.decided import ActionCounts, Numbers, Outcomes, decisions_of, histogram, write_scores
from dechaff.recipe.large.facts import LabelsDone, Reproduce, Told, baseline_facts, large_metrics
from dechaff.recipe.large.ground import Ground
from dechaff.recipe.large.ids import RowIds
from dechaff.recipe.large.known import Known
from dechaff.recipe.large.large_examples import examples_of
from dechaff.recipe.large.look import check_test_file
from dechaff.recipe.large.looked import OF_COLUMNS, Looked
from dechaff.recipe.large.passes import Passes
from dechaff.recipe.large.paths import Places
from dechaff.recipe.large.prob_scores import prob_scores
from dechaff.recipe.large.purpose import Purpose
from dechaff.recipe.large.results import RowResults
from dechaff.recipe.large.scan import Scanned, scan
from dechaff.recipe.large.spill import Spill, write_findings
from dechaff.recipe.large.steps import (
    CopiesDone,
    LookDone,
    Models,
    compare_rows,
    judge_by_models,
    look_at_rows,
)
from dechaff.recipe.large.store import RowStore
from dechaff.recipe.metrics import BINS
from dechaff.records.codes import CODES
from dechaff.records.decisions import Event
from dechaff.records.findings import Detection
from dechaff.records.frames import not_run_finding
from dechaff.records.metrics import Examples, Metrics

_SAID = ("looking", "copies", "labels", "columns")


@dataclass(frozen=True)
class AuditedInPasses:
    """What all passes found; the rows' own outcomes lie in the run folder."""

    ground: Ground
    look: LookDone
    copies: CopiesDone
    told: Told
    models: Models
    labels: LabelsDone
    purpose: Purpose

    def write_tables(self, keep_events: Callable[[Iterator[Event]], None]) -> Examples:
        """``findings.parquet``, ``scores.parquet`` and the decisions into the run folder; the examples.

        `keep_events` takes the decisions other than *keep*, in the order of rows.
        """
        ground, told = self.ground, self.told
        folder, work = ground.asked.folder, ground.places.folder("pieces", empty=True)
        for old in ground.store.folder.glob("*_number.npy"):
            old.unlink()
        results = RowResults(ground.store, Spill(work))
        of = Outcomes(ground.known, ground.seen, self.copies.equal.of(ground.store), results, ground.asked.progress)
        numbers, counts = Numbers(results), ActionCounts(Counter(), {})
        said = [ground.places.folder(f"said-{name}") for name in _SAID]
        ground.asked.progress("writing", 0, 3)
        pieces = write_findings(said, folder / "findings.parquet", work, numbers.note)
        keep_events(decisions_of(of, numbers, counts, version=ground.asked.version))
        ground.asked.progress("writing", 1, 3)
        write_scores(of, folder / "scores.parquet", work)
        told.decisions = counts.facts(ground.known.n_rows - ground.known.n_test)
        shown = [code for code in CODES if ground.store.has(code) and told.counts.get(code)]
        told.histograms = {code: histogram(results, of.seen.trains, code, BINS) for code in shown}
        ground.asked.progress("writing", 2, 3)
        examples = examples_of(ground.known, pieces, ground.parts, self.models.encoded)
        ground.asked.progress("writing", 3, 3)
        return self.purpose.examples(examples, ground.known)

    def metrics(self, *, command: str) -> Metrics:
        """All figures of the report."""
        asked, known = self.ground.asked, self.ground.known
        by = Reproduce(asked.version, command, asked.sha256, known.n_test + self.look.test_rows, self.purpose.limits)
        self.told.positives = self.purpose.positives_facts(self.labels, known)
        return large_metrics(known, self.ground.looked, self.look.columns, self.told, self.purpose.checks, by)


def audit_in_passes(asked: Asked, purpose: Purpose, options: Mapping[str, Any]) -> AuditedInPasses:
    """Every pass that was not finished before.

    Parameters
    ----------
    asked : what was asked for.
    purpose : whether labels name classes, or mark positives.
    options : the same as plain values: passes that were finished for others are done anew.
    """
    places = Places(asked.folder)
    tested = None if asked.tested is None else asked.tested.sha256
    rests_on = {**options, "sha256": asked.sha256, "tested": tested, "v": asked.version}
    passes = Passes.of(places.folder("."), rests_on, asked.progress)
    scanned = passes.run("reading", Scanned, lambda: _scan(asked))
    known = purpose.know(asked, scanned)
    if asked.tested is not None:
        check_test_file(known, asked.tested)
    looked = passes.run("audit of the sample", Looked, lambda: purpose.look_at_sample(known, asked))
    ground = Ground(asked, known, looked, places, RowStore(places.folder("rows"), known.n_rows), _ids(known, places))
    look = passes.run("looking at every row", LookDone, lambda: look_at_rows(ground))
    copies = passes.run("comparing rows", CopiesDone, lambda: compare_rows(ground, positives=purpose.positives))
    models = Models(ground)
    passes.run("judging every row", bool, lambda: judge_by_models(ground, models))
    labels = passes.run("labels", LabelsDone, lambda: purpose.judge(ground, copies.equal.of(ground.store)))
    told = _told(ground, purpose, (look, copies, labels))
    return AuditedInPasses(ground, look, copies, told, models, labels, purpose)


def _scan(asked: Asked) -> Scanned:
    return scan(
        asked.source, asked.wishes, share=asked.share, most=asked.sample_rows, seed=asked.seed, progress=asked.progress
    )


def _ids(known: Known, places: Places) -> RowIds:
    if not known.sample.id_name:
        return RowIds(None)
    return RowIds(places.folder("ids"), tuple(block.first_row for block in known.blocks))


def _told(ground: Ground, purpose: Purpose, done: tuple[LookDone, CopiesDone, LabelsDone]) -> Told:
    """What the report says; findings about columns and checks that were not run are written down here."""
    look, copies, labels = done
    not_run = {code: why for code, why in ground.looked.not_run.items() if code in OF_COLUMNS}
    not_run |= {**copies.not_run, **labels.not_run}
    results = ground.results("columns")
    results.say(column_findings(ground.known, ground.looked, look.columns), ground.ids)
    results.say(purpose.class_findings(ground.known), ground.ids)
    results.say([not_run_finding(Detection(code, not_run=why)) for code, why in not_run.items()], ground.ids)
    results.spill.flush()
    counts: Counter[str] = Counter()
    for one in (look.counts, copies.counts, labels.counts, results.spill.counts):
        counts.update(one)
    return Told(
        counts=dict(counts),
        not_run=not_run,
        baseline=baseline_facts(ground.looked, prob_scores(ground.parts)),
        labels=labels.labels,
    )
