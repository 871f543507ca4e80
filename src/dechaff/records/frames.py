"""The two tables of a run: findings, and the scores of all rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from dechaff.records.codes import CODES
from dechaff.records.findings import Detection, Finding

FINDINGS_SCHEMA = {
    "finding_id": pl.String,
    "code": pl.String,
    "row": pl.String,
    "group": pl.String,
    "field": pl.String,
    "score": pl.Float64,
    "given": pl.String,
    "suggested": pl.String,
    "why": pl.String,
    "fix": pl.String,
}


@dataclass(frozen=True)
class RowNames:
    """Names of the rows: the ids that are shown, the keys that decisions refer to, and the given labels."""

    ids: npt.NDArray[np.object_]
    keys: npt.NDArray[np.object_]
    given: npt.NDArray[np.object_]


@dataclass(frozen=True)
class NamedFinding:
    """A finding with its stable id within the run."""

    finding_id: str
    finding: Finding


def not_run_finding(detection: Detection) -> Finding:
    """The finding of a check that was not run."""
    return Finding(
        "R001",
        1.0,
        f"{detection.code} ({CODES[detection.code].title}) was not run: {detection.not_run}",
        "See the reason; the rest of the audit is valid.",
        field=detection.code,
    )
