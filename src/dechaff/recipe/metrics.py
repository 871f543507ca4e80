"""The figures of an audit: ``metrics.json`` of a run folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import numpy as np
from msgspec import structs

from dechaff.core.table import Column
from dechaff.data.dataset import Assumption, Dataset
from dechaff.recipe.audit import Audited
from dechaff.recipe.proposals import ACTION_NAMES, KEEP
from dechaff.records import metrics as figures
from dechaff.records.codes import CODES
from dechaff.records.findings import Detection
from dechaff.records.metrics import (
    Assumed,
    BaselineFacts,
    Check,
    DatasetFacts,
    DecisionCounts,
    Metrics,
    ScoreHistogram,
)

BINS = 20
MOST_COLUMNS = 500
LIMITS = (
    "Scores are estimates of a model. A high score says where to look first, not that the row is wrong.",
    "Errors that no model can see are not found: labels that are wrong in the same way everywhere look right.",
    "Near duplicates are compared by their words or numbers, not by what they mean.",
    "Only a proof on sealed rows, whose labels can be trusted, says whether the model got better.",
)


def audit_metrics(audited: Audited, *, version: str, command: str) -> Metrics:
    """All figures of the report; the same for the same data, options and seed."""
    facts = audited.improved.facts
    return Metrics(
        dechaff=version,
        dataset=_dataset(audited),
        assumptions=assumed(audited.train.assumptions),
        checks=tuple(check(d.code, len(d.findings), d.not_run) for d in audited.detections),
        baseline=_baseline(audited),
        noise=facts.noise,
        class_health=facts.class_health,
        overlaps=facts.overlaps,
        slices=facts.slices,
        histograms={d.code: _histogram(d) for d in audited.detections if d.score is not None and d.findings},
        decisions=_decisions(audited),
        limits=(*audited.base.notes, *audited.explored.notes, *LIMITS),
        command=command,
    )


def assumed(assumptions: Iterable[Assumption]) -> tuple[Assumed, ...]:
    """What was inferred from the data, with the flags that override it."""
    return tuple(Assumed(one.what, one.value, one.why, one.flag) for one in assumptions)


def check(code: str, findings: int, not_run: str) -> Check:
    """The outcome of one check; `not_run` is the reason why it could not be run, or empty."""
    return Check(code, CODES[code].title, "not run" if not_run else "done", findings, not_run)


def _dataset(audited: Audited) -> DatasetFacts:
    train, test = audited.train, audited.opened.test
    counts = np.bincount(train.codes[train.codes >= 0], minlength=len(train.class_names))
    return DatasetFacts(
        name=data_name(train),
        format=train.source.format,
        rows=len(train),
        test_rows=0 if test is None else len(test),
        label=train.label_name,
        id=train.id_name,
        sha256=train.source.sha256,
        columns=tuple(_column(column) for column in train.table.columns[:MOST_COLUMNS]),
        classes=tuple(train.class_names),
        class_counts=tuple(counts.tolist()),
    )


def data_name(train: Dataset) -> str:
    """The file's name, or what kind of thing was handed in."""
    return train.source.path.name if train.source.path is not None else train.source.format


def _column(column: Column) -> figures.Column:
    distinct = len(np.unique(column.raw[~column.missing].astype(str)))
    return figures.Column(column.name, column.kind, int(column.missing.sum()), distinct)


def _baseline(audited: Audited) -> BaselineFacts | None:
    base = audited.base
    if not base.candidates:
        return None
    return structs.replace(
        base.metrics,
        name=base.name,
        # Given probabilities were not trained here, so their folds are unknown.
        folds=None if base.model is None else int(base.folds.max()) + 1,
        candidates=base.candidates,
        trusted=base.trusted,
        reason=base.reason,
    )


def _histogram(detection: Detection) -> ScoreHistogram:
    assert detection.score is not None
    edges = np.linspace(0.0, 1.0, BINS + 1)
    score = np.clip(detection.score, 0.0, 1.0)
    flag = np.zeros(len(score), dtype=np.bool_) if detection.flag is None else detection.flag
    counts, flagged = (np.histogram(some, edges)[0].tolist() for some in (score, score[flag]))
    return ScoreHistogram(tuple(edges.tolist()), tuple(counts), tuple(flagged))


def _decisions(audited: Audited) -> DecisionCounts:
    decided = audited.improved.decided
    rows = np.flatnonzero(decided.action != KEEP)
    by_code: dict[str, Counter[str]] = {}
    for row in rows.tolist():
        by_code.setdefault(str(decided.code[row]), Counter())[ACTION_NAMES[decided.action[row]]] += 1
    return decision_counts(decided.counts(), by_code)


def decision_counts(actions: dict[str, int], by_code: dict[str, Counter[str]]) -> DecisionCounts:
    """Rows by action, and by the code that led to it."""
    return DecisionCounts(**actions, by_code={code: dict(sorted(by_code[code].items())) for code in sorted(by_code)})
