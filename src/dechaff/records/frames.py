"""The two tables of a run: findings, and the scores of all rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from dechaff.records.codes import CODES
from dechaff.records.findings import Detection, Finding
from dechaff.typing import Rows

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
    """Who the rows are: the ids that people see, the keys that decisions hold on to, and the given labels."""

    ids: npt.NDArray[np.object_]
    keys: npt.NDArray[np.object_]
    given: npt.NDArray[np.object_]


@dataclass(frozen=True)
class NamedFinding:
    """A finding with its stable id within the run."""

    finding_id: str
    finding: Finding


def named_findings(detections: Iterable[Detection], positions: Rows) -> list[NamedFinding]:
    """All findings, noisy slices first, then by code, score from high to low and row; numbered within their code.

    `positions` (n,) are the rows' places in the file.
    """
    by_code: dict[str, list[Finding]] = {code: [] for code in CODES}
    for detection in detections:
        for finding in detection.findings:
            by_code[finding.code].append(finding)
        if detection.not_run:
            by_code["R001"].append(not_run_finding(detection))
    named = []
    for code, findings in by_code.items():
        ordered = sorted(findings, key=lambda f: (-f.score, 0 if f.row is None else positions[f.row], f.group, f.field))
        ordered.sort(key=lambda f: f.row is not None)
        named += [NamedFinding(f"{code}-{number:06d}", finding) for number, finding in enumerate(ordered, start=1)]
    return sorted(named, key=lambda one: not _is_slice(one.finding))


def _is_slice(finding: Finding) -> bool:
    return finding.code == "L002" and finding.row is None


def not_run_finding(detection: Detection) -> Finding:
    """What is said of a check that was not run."""
    return Finding(
        "R001",
        1.0,
        f"{detection.code} ({CODES[detection.code].title}) was not run: {detection.not_run}",
        "See the reason; the rest of the audit stands.",
        field=detection.code,
    )


def findings_frame(named: Sequence[NamedFinding], ids: npt.NDArray[np.object_]) -> pl.DataFrame:
    """The findings as one tidy table; ``row`` is the user's id, '' for findings that are not about a row."""
    rows = [
        (
            one.finding_id,
            f.code,
            "" if f.row is None else str(ids[f.row]),
            f.group,
            f.field,
            float(f.score),
            f.given,
            f.suggested,
            f.why,
            f.fix,
        )
        for one in named
        for f in (one.finding,)
    ]
    return pl.DataFrame(rows, schema=FINDINGS_SCHEMA, orient="row")


def scores_frame(detections: Iterable[Detection], rows: RowNames) -> pl.DataFrame:
    """One line a row: id, key, given label, then score and flag of every detector that looks at rows."""
    columns: dict[str, object] = {
        "row": pl.Series(rows.ids.astype(str), dtype=pl.String),
        "key": pl.Series(rows.keys.astype(str), dtype=pl.String),
        "given": pl.Series(rows.given.astype(str), dtype=pl.String),
    }
    for detection in detections:
        if detection.score is not None:
            columns[detection.code] = np.asarray(detection.score, dtype=np.float64)
        if detection.flag is not None:
            columns[f"{detection.code}_flag"] = np.asarray(detection.flag, dtype=np.bool_)
    return pl.DataFrame(columns)
