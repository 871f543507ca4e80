"""Counts over the frame of findings: the frame may hold millions of rows, the page only shows these sums."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl


def rows_by_code(findings: pl.DataFrame) -> dict[str, int]:
    """The number of different rows with findings of each code; codes that are not about rows are left out."""
    if not findings.height:
        return {}
    about_rows = findings.filter(findings["row"].fill_null("") != "").unique(["code", "row"])
    return _counts(about_rows["code"])


def groups_by_code(findings: pl.DataFrame) -> dict[str, list[int]]:
    """The sizes of the groups of each code, largest first."""
    if not findings.height:
        return {}
    grouped = findings.filter(findings["group"].fill_null("") != "").group_by("code", "group").len()
    sizes: dict[str, list[int]] = {}
    for code, _, size in sorted(grouped.iter_rows(), key=lambda row: (row[0], -row[2], row[1])):
        sizes.setdefault(code, []).append(size)
    return sizes


def codes_by_field(findings: pl.DataFrame) -> dict[str, dict[str, int]]:
    """How many findings of each code every column has."""
    if not findings.height:
        return {}
    about_fields = findings.filter(findings["field"].fill_null("") != "").group_by("field", "code").len()
    found: dict[str, dict[str, int]] = {}
    for field, code, number in sorted(about_fields.iter_rows()):
        found.setdefault(field, {})[code] = number
    return found


def _counts(codes: pl.Series) -> dict[str, int]:
    return dict(Counter(codes.to_list()))
