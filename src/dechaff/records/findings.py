"""Findings: the results of detectors, as plain records that every surface shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from dechaff.records.codes import CODES
from dechaff.records.record import Record
from dechaff.typing import Mask, Score


@dataclass(frozen=True)
class Finding:
    """One finding: about a row, or (``row`` None) a column, class, slice, pair or split.

    ``row`` is a position in the audited data set, counted from 0; surfaces show the user's id. ``group``
    connects findings (copies of one input, rows of one slice). ``field`` is the column or class that
    the finding is about. ``given`` and ``suggested`` are class names or cell values, as text.
    ``score`` is in [0, 1]; higher = look at this first. ``why`` and ``fix`` are sentences.
    """

    code: str
    score: float
    why: str
    fix: str
    row: int | None = None
    group: str = ""
    field: str = ""
    given: str = ""
    suggested: str = ""


@dataclass(frozen=True)
class Detection:
    """The result of one detector: its findings, and if it is about rows, a score and flag for every row."""

    code: str
    findings: tuple[Finding, ...] = ()
    score: Score | None = None
    flag: Mask | None = None
    not_run: str = ""


class FindingRow(Record, frozen=True):
    """One row of ``findings.parquet``."""

    finding_id: str
    code: str
    row: str | None = None
    group: str | None = None
    field: str | None = None
    score: float | None = None
    given: str | None = None
    suggested: str | None = None
    why: str | None = None
    fix: str | None = None


FINDINGS_SCHEMA = {name: pl.Float64 if name == "score" else pl.String for name in FindingRow.__struct_fields__}


@dataclass(frozen=True)
class RowNames:
    """Names of the rows: the ids that are shown, the keys that decisions refer to, and the given labels.

    ``parents`` are the keys of the rows from which rows were made, '' for none; None if the data are not augmented.
    """

    ids: npt.NDArray[np.object_]
    keys: npt.NDArray[np.object_]
    given: npt.NDArray[np.object_]
    parents: npt.NDArray[np.object_] | None = None


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
