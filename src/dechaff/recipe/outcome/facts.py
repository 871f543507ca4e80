"""The figures of an out-of-core audit: the same ``metrics.json`` as of any audit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from msgspec import structs

from dechaff.core.folds import USUAL_FOLDS
from dechaff.recipe.baseline.prob_scores import prob_scores
from dechaff.recipe.explore.look import ColumnCount
from dechaff.recipe.outcome.metrics import MOST_COLUMNS, AuditSummary
from dechaff.recipe.passes.context import AuditContext
from dechaff.recipe.passes.memory import FEWEST_SAMPLED
from dechaff.recipe.passes.sample_fit import SampleFit
from dechaff.recipe.tasks.task import LabelsOutcome, Task
from dechaff.records.metrics import BaselineFacts, SampleFacts
from dechaff.records.record import Column, DatasetFacts

_IN_PASSES = (
    "These data were audited out of core. The models were fitted on a sample of {:,} of {:,} rows, and each row was "
    "predicted by one of five models that was not trained on it; copies share a fold. Noisy slices that contain only "
    "rows outside the sample are not found.",
    "Near duplicates between training and test rows were not searched for; exact ones were.",
)
_SMALL = (
    "The sample has only {:,} rows, because the rows are long and --memory allows no more. Models of few rows are "
    "weaker and find fewer wrong labels. A larger --memory samples more rows."
)


@dataclass(frozen=True)
class Checked:
    """Findings by code, which checks could not be run, and rows of the test file."""

    counts: dict[str, int]
    not_run: dict[str, str]
    test_rows: int


def summary_in_passes(
    context: AuditContext, columns: Mapping[str, ColumnCount], checked: Checked, labels: LabelsOutcome, task: Task
) -> AuditSummary:
    """The figures of an out-of-core audit.

    Parameters
    ----------
    context : the data and what the sample said of them.
    columns : what was counted in each column.
    checked : findings by code, and which checks could not be run.
    labels : what is known of the labels.
    task : what labels mean.
    """
    read_plan, sample_fit = context.read_plan, context.sample_fit
    sample, rows = read_plan.sample, read_plan.n_rows - read_plan.n_test
    return AuditSummary(
        dataset=DatasetFacts(
            name=read_plan.source.path.name,
            format=read_plan.source.format,
            rows=rows,
            test_rows=read_plan.n_test + checked.test_rows,
            label=sample.label_name,
            id=sample.id_name,
            sha256=context.request.sha256,
            columns=tuple(
                Column(one.name, one.kind, columns[one.name].missing, columns[one.name].distinct)
                for one in sample.table.columns[:MOST_COLUMNS]
            ),
            classes=tuple(sample.class_names),
            class_counts=tuple(read_plan.class_counts.tolist()),
        ),
        assumptions=sample.assumptions,
        checks=task.checks,
        counts=checked.counts,
        not_run=checked.not_run,
        baseline=_baseline(sample_fit, prob_scores(context.parts)),
        labels=labels.labels,
        limits=(*sample_fit.judge.notes, *_limits(sample_fit.rows, rows), *task.limits),
        positives=task.positives_facts(labels, read_plan),
        sample=SampleFacts(sample_fit.rows, rows),
    )


def _limits(sampled: int, n_rows: int) -> list[str]:
    few = [_SMALL.format(sampled)] if sampled < min(n_rows, FEWEST_SAMPLED) else []
    return [limit.format(sampled, n_rows) for limit in _IN_PASSES] + few


def _baseline(sample_fit: SampleFit, scores: BaselineFacts) -> BaselineFacts:
    """The model that judged the rows, scored on all of them; candidates as they met on the sample."""
    judge = sample_fit.judge
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
