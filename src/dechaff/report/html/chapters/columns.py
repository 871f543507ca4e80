"""The chapters on duplicates and on columns: sums over all findings, with the worst first."""

from __future__ import annotations

from dataclasses import dataclass

from dechaff.records.codes import CODES
from dechaff.records.dataset_facts import Column
from dechaff.records.metrics import Check
from dechaff.report.html.chapters.tally import codes_by_field, groups_by_code
from dechaff.report.record import RunRecord

_MOST_COLUMNS = 60


@dataclass(frozen=True)
class Copies:
    """The groups of one kind of duplicate."""

    check: Check
    title: str
    groups: int
    largest: int


@dataclass(frozen=True)
class ColumnRow:
    """One column, and what was found in it."""

    column: Column
    missing_share: float | None
    found: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True)
class Columns:
    """The columns with findings first."""

    rows: tuple[ColumnRow, ...]
    hidden: int


def duplicates_chapter(record: RunRecord) -> tuple[Copies, ...]:
    """One line for each check on duplicates and leakage, also if it found nothing."""
    sizes = groups_by_code(record.findings)
    return tuple(
        Copies(
            check, CODES[check.code].title, len(sizes.get(check.code, ())), max(sizes.get(check.code, ()), default=0)
        )
        for check in sorted(record.metrics.checks, key=lambda check: check.code)
        if check.code.startswith("D") and check.code in CODES
    )


def columns_chapter(record: RunRecord) -> Columns:
    """The feature columns with their kinds, missing values and findings."""
    found = codes_by_field(record.findings)
    dataset = record.metrics.dataset
    rows = [
        ColumnRow(column, _missing_share(column, dataset.rows), _findings_of(found.get(column.name, {})))
        for column in dataset.columns
    ]
    rows.sort(key=lambda row: (not row.found, -(row.missing_share or 0.0)))
    return Columns(tuple(rows[:_MOST_COLUMNS]), max(len(rows) - _MOST_COLUMNS, 0))


def _missing_share(column: Column, n_rows: int) -> float | None:
    return column.missing / n_rows if column.missing is not None and n_rows else None


def _findings_of(codes: dict[str, int]) -> tuple[tuple[str, str, int], ...]:
    return tuple((code, CODES[code].title, number) for code, number in codes.items() if code in CODES)
