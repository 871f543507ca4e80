"""The figures of an audit in passes: the same ``metrics.json`` as of any audit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from msgspec import structs

from dechaff.core.folds import USUAL_FOLDS
from dechaff.recipe.large.ground import Ground
from dechaff.recipe.large.look import ColumnCount
from dechaff.recipe.large.looked import Looked
from dechaff.recipe.large.memory import FEWEST_SAMPLED
from dechaff.recipe.large.prob_scores import prob_scores
from dechaff.recipe.large.purpose import LabelsDone, Purpose
from dechaff.recipe.metrics import MOST_COLUMNS, AuditSummary
from dechaff.records.dataset_facts import Column, DatasetFacts
from dechaff.records.metrics import BaselineFacts, SampleFacts

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
class Checked:
    """Findings by code, which checks could not be run, and rows of the test file."""

    counts: dict[str, int]
    not_run: dict[str, str]
    test_rows: int


def summary_in_passes(
    ground: Ground, columns: Mapping[str, ColumnCount], checked: Checked, labels: LabelsDone, task: Purpose
) -> AuditSummary:
    """The figures of an audit in passes.

    Parameters
    ----------
    ground : the data and what the sample said of them.
    columns : what was counted in each column.
    checked : findings by code, and which checks could not be run.
    labels : what is known of the labels.
    task : what labels mean.
    """
    known, looked = ground.known, ground.looked
    sample, rows = known.sample, known.n_rows - known.n_test
    return AuditSummary(
        dataset=DatasetFacts(
            name=known.source.path.name,
            format=known.source.format,
            rows=rows,
            test_rows=known.n_test + checked.test_rows,
            label=sample.label_name,
            id=sample.id_name,
            sha256=ground.asked.sha256,
            columns=tuple(
                Column(one.name, one.kind, columns[one.name].missing, columns[one.name].distinct)
                for one in sample.table.columns[:MOST_COLUMNS]
            ),
            classes=tuple(sample.class_names),
            class_counts=tuple(known.class_counts.tolist()),
        ),
        assumptions=sample.assumptions,
        checks=task.checks,
        counts=checked.counts,
        not_run=checked.not_run,
        baseline=_baseline(looked, prob_scores(ground.parts)),
        labels=labels.labels,
        limits=(*looked.judge.notes, *_limits(looked.rows, rows), *task.limits),
        positives=task.positives_facts(labels, known),
        sample=SampleFacts(looked.rows, rows),
    )


def _limits(sampled: int, n_rows: int) -> list[str]:
    few = [_SMALL.format(sampled)] if sampled < min(n_rows, FEWEST_SAMPLED) else []
    return [limit.format(sampled, n_rows) for limit in _IN_PASSES] + few


def _baseline(looked: Looked, scores: BaselineFacts) -> BaselineFacts:
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
