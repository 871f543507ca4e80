"""The figures of an audit as one dictionary of plain values: ``metrics.json`` of a run folder."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from dechaff.core.table import Column
from dechaff.data.dataset import Dataset
from dechaff.recipe.audit import Audited
from dechaff.recipe.proposals import ACTION_NAMES, KEEP
from dechaff.records.codes import CODES
from dechaff.records.findings import Detection

BINS = 20
MOST_COLUMNS = 500
LIMITS = (
    "Scores are estimates of a model. A high score says where to look first, not that the row is wrong.",
    "Errors that no model can see are not found: labels that are wrong in the same way everywhere look right.",
    "Near duplicates are compared by their words or numbers, not by what they mean.",
    "Only a proof on sealed rows, whose labels can be trusted, says whether the model got better.",
)


def audit_metrics(audited: Audited, *, version: str, command: str) -> dict[str, Any]:
    """All figures of the report; the same for the same data, options and seed."""
    facts = audited.improved.facts
    return {
        "dechaff": version,
        "dataset": _dataset(audited),
        "assumptions": [
            {"what": a.what, "value": a.value, "why": a.why, "flag": a.flag} for a in audited.train.assumptions
        ],
        "checks": [_check(detection) for detection in audited.detections],
        "baseline": _baseline(audited),
        "noise": facts["noise"],
        "class_health": facts["class_health"],
        "overlaps": facts["overlaps"],
        "slices": facts["slices"],
        "histograms": {d.code: _histogram(d) for d in audited.detections if d.score is not None and d.findings},
        "decisions": _decisions(audited),
        "rounds": [],
        "selection": [],
        "proof": None,
        "limits": [*audited.base.notes, *audited.explored.notes, *LIMITS],
        "command": command,
    }


def _dataset(audited: Audited) -> dict[str, Any]:
    train, test = audited.train, audited.opened.test
    counts = np.bincount(train.codes[train.codes >= 0], minlength=len(train.class_names))
    return {
        "name": data_name(train),
        "format": train.source.format,
        "rows": len(train),
        "test_rows": 0 if test is None else len(test),
        "label": train.label_name,
        "id": train.id_name,
        "sha256": train.source.sha256,
        "columns": [_column(column) for column in train.table.columns[:MOST_COLUMNS]],
        "classes": list(train.class_names),
        "class_counts": counts.tolist(),
    }


def data_name(train: Dataset) -> str:
    """The file's name, or what kind of thing was handed in."""
    return train.source.path.name if train.source.path is not None else train.source.format


def _column(column: Column) -> dict[str, Any]:
    distinct = len(np.unique(column.raw[~column.missing].astype(str)))
    return {"name": column.name, "kind": column.kind, "missing": int(column.missing.sum()), "distinct": distinct}


def _check(detection: Detection) -> dict[str, Any]:
    return {
        "code": detection.code,
        "title": CODES[detection.code].title,
        "status": "not run" if detection.not_run else "done",
        "findings": len(detection.findings),
        "why": detection.not_run,
    }


def _baseline(audited: Audited) -> dict[str, Any] | None:
    base = audited.base
    if not base.candidates:
        return None
    return {
        "name": base.name,
        # Given probabilities were not trained here, so that nobody can vouch for any folds.
        "folds": None if base.model is None else int(base.folds.max()) + 1,
        "candidates": list(base.candidates),
        "trusted": base.trusted,
        "reason": base.reason,
        **base.metrics,
    }


def _histogram(detection: Detection) -> dict[str, Any]:
    assert detection.score is not None
    edges = np.linspace(0.0, 1.0, BINS + 1)
    score = np.clip(detection.score, 0.0, 1.0)
    flag = np.zeros(len(score), dtype=np.bool_) if detection.flag is None else detection.flag
    return {
        "edges": edges.tolist(),
        "counts": np.histogram(score, edges)[0].tolist(),
        "flagged": np.histogram(score[flag], edges)[0].tolist(),
    }


def _decisions(audited: Audited) -> dict[str, Any]:
    decided = audited.improved.decided
    rows = np.flatnonzero(decided.action != KEEP)
    by_code: dict[str, Counter[str]] = {}
    for row in rows.tolist():
        by_code.setdefault(str(decided.code[row]), Counter())[ACTION_NAMES[decided.action[row]]] += 1
    return {**decided.counts(), "by_code": {code: dict(sorted(by_code[code].items())) for code in sorted(by_code)}}
