"""What goes into the run folder of an audit."""

from __future__ import annotations

import platform
import shlex
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

import numpy as np

from dechaff.recipe.audit import Audited
from dechaff.recipe.examples import Evidence
from dechaff.recipe.findings_writer import FindingsWriter
from dechaff.recipe.metrics import summary_of
from dechaff.recipe.row_order import file_order
from dechaff.recipe.row_results import RowResults
from dechaff.recipe.row_store import RowStore
from dechaff.recipe.run_writer import AuditOutcome, Piece
from dechaff.records.frames import RowNames, not_run_finding

_PACKAGES = ("numpy", "scipy", "scikit-learn", "polars")
_FLAGS = (
    "label", "positive", "scheme", "test", "test_size", "split", "id", "group", "text", "categorical", "numeric",
    "date", "drop", "delimiter", "encoding", "model", "rounds", "metric", "policy", "seed",
)  # fmt: skip
"""Options that decide what is found. Where, when and how fast a run was written is no part of its command."""


def outcome_of(audited: Audited) -> AuditOutcome:
    """An audit in memory, ready to be written."""
    train, base, improved = audited.train, audited.base, audited.improved
    order, n_rows = file_order(train), train.source.n_rows
    places = np.full(n_rows, -1, dtype=np.int64)
    places[train.positions] = np.arange(len(train))

    def name_of(row: int) -> str:
        return str(train.ids[places[row]])

    results = RowResults(RowStore(None, n_rows), FindingsWriter())
    for detection in audited.detections:
        if detection.score is not None:
            results.begin(detection.code)
        results.add(detection, train.positions, name_of)
        if detection.not_run:
            results.found([not_run_finding(detection)], name_of)
    names = audited.names
    piece = Piece(
        train.positions[order],
        RowNames(names.ids[order], names.keys[order], names.given[order]),
        train.codes[order],
        improved.decided.take(order),
    )
    return AuditOutcome(
        summary_of(audited),
        [results.writer],
        results,
        lambda: iter([piece]),
        lambda rows: (
            Evidence(train, improved.probs, base.fit_predict),
            dict(zip(rows.tolist(), places[rows].tolist(), strict=True)),
        ),
        arrays={
            "pred_probs": improved.probs[order].astype(np.float32),
            "labels": train.codes[order],
            "folds": base.folds[order].astype(np.int64),
            "class_names": np.array(train.class_names, dtype=np.str_),
            "ids": train.ids[order].astype(np.str_),
        },
    )


def environment(dechaff_version: str) -> dict[str, str]:
    """Versions of everything that could change a figure."""
    return {
        "dechaff": dechaff_version,
        "python": platform.python_version(),
        **{package: version(package) for package in _PACKAGES},
    }


def command_line(verb: str, options: Mapping[str, Any]) -> str:
    """The command that does the same again.

    Examples
    --------
    >>> command_line("audit", {"source": "my file.csv", "label": "y", "text": ["a", "b"], "seed": 0, "seconds": 9.1})
    "dechaff audit 'my file.csv' --label y --text a --text b --seed 0"
    """
    words = ["dechaff", verb, str(options.get("source", "SOURCE"))]
    for name in (name for name in _FLAGS if name in options):
        value = options[name]
        for one in value if isinstance(value, (list, tuple)) else [value]:
            words += [f"--{name.replace('_', '-')}", str(one)]
    return shlex.join(words)
