"""The figures of an audit: ``metrics.json`` of a run folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from msgspec import structs

from dechaff.core.table import Column
from dechaff.data.dataset import Assumption, Dataset
from dechaff.recipe.audit import Audited
from dechaff.records import record as figures
from dechaff.records.codes import CODES
from dechaff.records.metrics import (
    BaselineFacts,
    Check,
    DecisionCounts,
    LabelFacts,
    Metrics,
    PositivesFacts,
    SampleFacts,
    ScoreHistogram,
)
from dechaff.records.record import Assumed, DatasetFacts

BINS = 20
MOST_COLUMNS = 500
LIMITS = (
    "Scores are estimates of a model. A high score says where to look first, not that the row is wrong.",
    "Errors that no model can see are not found: labels that are wrong in the same way everywhere look right.",
    "Near duplicates are compared by their words or numbers, not by what they mean.",
    "Only a proof on sealed rows, whose labels can be trusted, says whether the model got better.",
)


@dataclass(frozen=True)
class AuditSummary:
    """The figures of an audit that do not depend on how its rows are written.

    ``counts`` are findings by code, ``not_run`` the reasons why some ``checks`` could not be run.
    """

    dataset: DatasetFacts
    assumptions: tuple[Assumption, ...]
    checks: tuple[str, ...]
    counts: Mapping[str, int]
    not_run: Mapping[str, str]
    baseline: BaselineFacts | None
    labels: LabelFacts
    limits: tuple[str, ...]
    positives: PositivesFacts | None = None
    sample: SampleFacts | None = None


def audit_metrics(
    summary: AuditSummary,
    histograms: dict[str, ScoreHistogram],
    decisions: DecisionCounts,
    *,
    version: str,
    command: str,
) -> Metrics:
    """All figures of the report; the same for the same data, options and seed."""
    labels = summary.labels
    return Metrics(
        dechaff=version,
        dataset=summary.dataset,
        assumptions=tuple(Assumed(one.what, one.value, one.why, one.flag) for one in summary.assumptions),
        checks=tuple(
            _check(code, summary.counts.get(code, 0), summary.not_run.get(code, ""))
            for code in CODES
            if code in summary.checks
        ),
        baseline=summary.baseline,
        noise=labels.noise,
        class_health=labels.class_health,
        overlaps=labels.overlaps,
        slices=labels.slices,
        histograms=histograms,
        decisions=decisions,
        positives=summary.positives,
        limits=summary.limits,
        command=command,
        sample=summary.sample,
    )


def _check(code: str, findings: int, not_run: str) -> Check:
    """The outcome of one check; `not_run` is the reason why it could not be run, or empty."""
    return Check(code, CODES[code].title, "not run" if not_run else "done", findings, not_run)


def summary_of(audited: Audited) -> AuditSummary:
    """The figures of an audit in memory."""
    return AuditSummary(
        dataset=_dataset(audited),
        assumptions=audited.train.assumptions,
        checks=tuple(one.code for one in audited.detections),
        counts={one.code: len(one.findings) for one in audited.detections},
        not_run={one.code: one.not_run for one in audited.detections if one.not_run},
        baseline=_baseline(audited),
        labels=audited.improved.facts,
        limits=(*audited.base.notes, *audited.explored.notes, *LIMITS),
    )


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
    """The file's name, or what kind of thing was passed."""
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


def decision_counts(actions: dict[str, int], by_code: dict[str, Counter[str]]) -> DecisionCounts:
    """Rows by action, and by the code that led to it."""
    return DecisionCounts(**actions, by_code={code: dict(sorted(by_code[code].items())) for code in sorted(by_code)})
