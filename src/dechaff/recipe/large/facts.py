"""The figures of an audit in passes: the same ``metrics.json`` as of any audit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dechaff.recipe.large.known import Known
from dechaff.recipe.large.look import ColumnCount
from dechaff.recipe.large.looked import Looked
from dechaff.recipe.large.memory import FEWEST_SAMPLED
from dechaff.recipe.large.units import N_FOLDS
from dechaff.recipe.metrics import MOST_COLUMNS
from dechaff.records.codes import CODES

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
    """What is known of labels, findings by code, slices with their figures, and which checks were not run."""

    counts: dict[str, int]
    facts: dict[str, Any]
    slices: list[dict[str, Any]]
    not_run: dict[str, str]


@dataclass
class Told:
    """What the passes have to tell beside their findings."""

    counts: dict[str, int] = field(default_factory=dict)
    """Findings by code."""
    not_run: dict[str, str] = field(default_factory=dict)
    baseline: dict[str, Any] | None = None
    labels: dict[str, Any] = field(default_factory=dict)
    """noise, class_health and overlaps."""
    slices: list[dict[str, Any]] = field(default_factory=list)
    histograms: dict[str, Any] = field(default_factory=dict)
    decisions: dict[str, Any] = field(default_factory=dict)


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
) -> dict[str, Any]:
    """All figures of the report."""
    sample, rows = known.sample, known.n_rows - known.n_test
    labels = {"noise": None, "class_health": [], "overlaps": [], **told.labels}
    return {
        "dechaff": by.version,
        "dataset": {
            "name": known.source.path.name,
            "format": known.source.format,
            "rows": rows,
            "test_rows": by.test_rows,
            "label": sample.label_name,
            "id": sample.id_name,
            "sha256": by.sha256,
            "columns": [
                {
                    "name": one.name,
                    "kind": one.kind,
                    "missing": columns[one.name].missing,
                    "distinct": columns[one.name].distinct,
                }
                for one in sample.table.columns[:MOST_COLUMNS]
            ],
            "classes": list(sample.class_names),
            "class_counts": known.class_counts.tolist(),
        },
        "assumptions": [{"what": a.what, "value": a.value, "why": a.why, "flag": a.flag} for a in sample.assumptions],
        "checks": [_check(code, told) for code in CODES if code in checks],
        "baseline": told.baseline,
        "noise": labels["noise"],
        "class_health": labels["class_health"],
        "overlaps": labels["overlaps"],
        "slices": told.slices,
        "histograms": told.histograms,
        "decisions": told.decisions,
        "rounds": [],
        "selection": [],
        "proof": None,
        "limits": [*looked.judge.notes, *_limits(looked.rows, rows), *by.limits],
        "command": by.command,
        "sample": {"rows": looked.rows, "of": rows},
    }


def _limits(sampled: int, n_rows: int) -> list[str]:
    few = [_SMALL.format(sampled)] if sampled < min(n_rows, FEWEST_SAMPLED) else []
    return [limit.format(sampled, n_rows) for limit in _IN_PASSES] + few


def baseline_facts(looked: Looked, scores: Mapping[str, Any]) -> dict[str, Any]:
    """The model that judged the rows, scored on all of them; candidates as they met on the sample."""
    judge = looked.judge
    return {
        "name": judge.name,
        "folds": N_FOLDS,
        "candidates": judge.candidates,
        "trusted": judge.trusted,
        "reason": judge.reason,
        **scores,
        "knn_accuracy": judge.knn_accuracy,
        "information": judge.information,
    }


def _check(code: str, told: Told) -> dict[str, Any]:
    why = told.not_run.get(code, "")
    return {
        "code": code,
        "title": CODES[code].title,
        "status": "not run" if why else "done",
        "findings": told.counts.get(code, 0),
        "why": why,
    }
