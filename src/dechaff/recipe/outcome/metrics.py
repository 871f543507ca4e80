"""The figures of an audit: ``metrics.json`` of a run folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from dechaff.data.dataset import Assumption
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


def decision_counts(actions: dict[str, int], by_code: dict[str, Counter[str]]) -> DecisionCounts:
    """Rows by action, and by the code that led to it."""
    return DecisionCounts(**actions, by_code={code: dict(sorted(by_code[code].items())) for code in sorted(by_code)})
