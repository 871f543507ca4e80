"""The figures of an audit in passes: the same ``metrics.json`` as of any audit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from msgspec import structs

from dechaff.core.folds import USUAL_FOLDS
from dechaff.recipe.large.known import Known
from dechaff.recipe.large.look import ColumnCount
from dechaff.recipe.large.looked import Looked
from dechaff.recipe.large.memory import FEWEST_SAMPLED
from dechaff.recipe.metrics import MOST_COLUMNS, assumed, check
from dechaff.records.codes import CODES
from dechaff.records.metrics import (
    BaselineFacts,
    Column,
    DatasetFacts,
    DecisionCounts,
    LabelFacts,
    Metrics,
    PositivesFacts,
    SampleFacts,
    ScoreHistogram,
)

_IN_PASSES = (
    "These data were read in passes. The model learnt from a sample of {:,} of {:,} rows, and every row was judged by "
    "one of five that had not seen it; copies share a fold. Noisy slices that hold only rows outside the sample are "
    "not found.",
    "Near copies between training and sealed rows were not looked for; equal ones were.",
)
_SMALL = (
    "The sample has {:,} rows only, because they are long and --memory allows no more: models of so few rows are "
    "weaker and find fewer wrong labels. With a larger --memory more are sampled."
)


@dataclass(frozen=True)
class LabelsDone:
    """Findings about labels by code, their figures, those of positives, and which checks could not be run."""

    counts: dict[str, int] = field(default_factory=dict)
    labels: LabelFacts = field(default_factory=LabelFacts)
    positives: PositivesFacts | None = None
    not_run: dict[str, str] = field(default_factory=dict)


@dataclass
class Told:
    """What the passes have to tell beside their findings."""

    counts: dict[str, int] = field(default_factory=dict)
    """Findings by code."""
    not_run: dict[str, str] = field(default_factory=dict)
    baseline: BaselineFacts | None = None
    labels: LabelFacts = field(default_factory=LabelFacts)
    positives: PositivesFacts | None = None
    histograms: dict[str, ScoreHistogram] = field(default_factory=dict)
    decisions: DecisionCounts | None = None


@dataclass(frozen=True)
class Reproduce:
    """What tells a run from others: version, command and data."""

    version: str
    command: str
    sha256: str
    test_rows: int
    limits: tuple[str, ...]


def large_metrics(
    known: Known, looked: Looked, columns: Mapping[str, ColumnCount], told: Told, checks: Sequence[str], by: Reproduce
) -> Metrics:
    """All figures of the report."""
    sample, rows = known.sample, known.n_rows - known.n_test
    return Metrics(
        dechaff=by.version,
        dataset=DatasetFacts(
            name=known.source.path.name,
            format=known.source.format,
            rows=rows,
            test_rows=by.test_rows,
            label=sample.label_name,
            id=sample.id_name,
            sha256=by.sha256,
            columns=tuple(
                Column(one.name, one.kind, columns[one.name].missing, columns[one.name].distinct)
                for one in sample.table.columns[:MOST_COLUMNS]
            ),
            classes=tuple(sample.class_names),
            class_counts=tuple(known.class_counts.tolist()),
        ),
        assumptions=assumed(sample.assumptions),
        checks=tuple(
            check(code, told.counts.get(code, 0), told.not_run.get(code, "")) for code in CODES if code in checks
        ),
        baseline=told.baseline,
        noise=told.labels.noise,
        class_health=told.labels.class_health,
        overlaps=told.labels.overlaps,
        slices=told.labels.slices,
        histograms=told.histograms,
        decisions=told.decisions,
        positives=told.positives,
        limits=(*looked.judge.notes, *_limits(looked.rows, rows), *by.limits),
        command=by.command,
        sample=SampleFacts(looked.rows, rows),
    )


def _limits(sampled: int, n_rows: int) -> list[str]:
    few = [_SMALL.format(sampled)] if sampled < min(n_rows, FEWEST_SAMPLED) else []
    return [limit.format(sampled, n_rows) for limit in _IN_PASSES] + few


def baseline_facts(looked: Looked, scores: BaselineFacts) -> BaselineFacts:
    """The model that judged the rows, scored on all of them; candidates as they met on the sample."""
    judge = looked.judge
    return structs.replace(
        scores,
        name=judge.name,
        folds=USUAL_FOLDS,
        candidates=tuple(judge.candidates),
        trusted=judge.trusted,
        reason=judge.reason,
        knn_accuracy=judge.knn_accuracy,
        information=judge.information,
    )
