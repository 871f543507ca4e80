"""Columns by name, with the closest names for a mistyped one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from dechaff.errors import DataError


def closest(word: str, names: Iterable[str], *, most: int = 3) -> list[str]:
    """Up to three names that look like the word, whatever their case."""
    by_lower: dict[str, str] = {}
    for name in names:
        by_lower.setdefault(name.lower(), name)
    return [by_lower[found] for found in difflib.get_close_matches(word.lower(), by_lower, n=most, cutoff=0.5)]


def unknown_column(role: str, name: str, names: Sequence[str], flag: str) -> DataError:
    """The error for a column that is not there."""
    near = closest(name, names)
    parts = [part.strip() for part in name.split(",")]
    listed = ", ".join(names[:20]) + (f" and {len(names) - 20} more" if len(names) > 20 else "")
    fix = f"Did you mean {' or '.join(repr(found) for found in near)}? " if near else ""
    if len(parts) > 1 and set(parts) <= set(names):
        fix = f"Say it once for each column: {' '.join(f'{flag} {part}' for part in parts)}. "
    elif len(names) == 1 and any(mark in names[0] for mark in ",;|\t"):
        fix = "The whole line was read as one column: name the delimiter with --delimiter. "
    return DataError(
        f"{role} {name!r}",
        "be one of the columns",
        f"the columns {listed}",
        f"{fix}Name the column with {flag}.",
    )


def unknown_class(name: str, names: Sequence[str]) -> DataError:
    """The error for a new label that the data have no class for."""
    return DataError(
        f"the new label {name!r}",
        "be one of the classes",
        f"the classes {', '.join(names[:20])}",
        "Choose one of them; the data name their classes, and a new one cannot be added.",
    )


def check_known(chosen: Sequence[str], names: Sequence[str], role: str, flag: str) -> None:
    """A DataError if a chosen column is not there."""
    for name in chosen:
        if name not in names:
            raise unknown_column(role, name, names, flag)


def check_distinct_names(names: Sequence[str], what: str) -> None:
    """A DataError if two columns have one name."""
    seen: dict[str, int] = {}
    for place, name in enumerate(names, start=1):
        if name in seen:
            raise DataError(
                what,
                "give each column a unique name",
                f"{name!r} for column {seen[name]} and again for column {place}",
                "Rename one of them.",
            )
        seen[name] = place
