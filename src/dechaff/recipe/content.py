"""What goes into the run folder of an audit."""

from __future__ import annotations

import platform
import shlex
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

import numpy as np

from dechaff.recipe.audit import Audited
from dechaff.recipe.examples import Evidence, worst_examples
from dechaff.recipe.metrics import audit_metrics
from dechaff.recipe.row_order import file_order
from dechaff.records.frames import findings_frame, scores_frame
from dechaff.records.run import RunContent

_PACKAGES = ("numpy", "scipy", "scikit-learn", "polars")
_FLAGS = (
    "label", "positive", "scheme", "test", "test_size", "split", "id", "group", "text", "categorical", "numeric",
    "date", "drop", "delimiter", "encoding", "model", "rounds", "metric", "policy", "seed",
)  # fmt: skip
"""Options that decide what is found. Where, when and how fast a run was written is no part of its command."""


def audit_content(audited: Audited, *, options: Mapping[str, Any], dechaff_version: str, verb: str) -> RunContent:
    """Everything but the report. ``options`` are the user's, as plain values; ``verb`` the name of the command."""
    evidence = Evidence(audited.train, audited.improved.probs, audited.base.fit_predict)
    order = file_order(audited.train)
    given = {name: value for name, value in options.items() if value not in (None, (), [])}
    return RunContent(
        options={**given, "environment": environment(dechaff_version)},
        metrics=audit_metrics(audited, version=dechaff_version, command=command_line(verb, given)),
        examples=worst_examples(audited.named, evidence),
        findings=findings_frame(audited.named, audited.train.ids),
        scores=scores_frame(audited.detections, audited.names)[order],
        arrays={
            "pred_probs": audited.improved.probs[order].astype(np.float32),
            "labels": audited.train.codes[order],
            "folds": audited.base.folds[order].astype(np.int64),
            "class_names": np.array(audited.train.class_names, dtype=np.str_),
            "ids": audited.train.ids[order].astype(np.str_),
        },
        proposed=audited.events(version=dechaff_version),
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
