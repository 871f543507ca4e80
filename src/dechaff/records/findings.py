"""Findings: the results of detectors, as plain records that every surface shows."""

from __future__ import annotations

from dataclasses import dataclass, field

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
    facts: dict[str, object] = field(default_factory=dict)
    """Further figures of the report; plain JSON values."""
