"""Columns by name, with the closest names for a mistyped one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from dechaff.errors import DataError


def closest(word: str, names: Iterable[str]) -> list[str]:
    """Up to three names that look like the word, whatever their case."""
    by_lower: dict[str, str] = {}
    for name in names:
        by_lower.setdefault(name.lower(), name)
    return [by_lower[found] for found in difflib.get_close_matches(word.lower(), by_lower, n=3, cutoff=0.5)]


def listed(names: Sequence[str], most: int = 20) -> str:
    """The names in one line, the first ones if there are many.

    Examples
    --------
    >>> listed(["a", "b", "c"], 2)
    'a, b and 1 more'
    """
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def unknown_column(role: str, name: str, names: Sequence[str], flag: str) -> DataError:
    """The error for a column that is not there."""
    parts = [part.strip() for part in name.split(",")]
    fix = hint(name, names)
    if len(parts) > 1 and set(parts) <= set(names):
        fix = f"Pass the flag once per column: {' '.join(f'{flag} {part}' for part in parts)}. "
    return DataError(
        f"{role} {name!r}",
        "be one of the columns",
        f"the columns {listed(names)}",
        f"{fix}Name the column with {flag}.",
    )


def hint(name: str, names: Sequence[str]) -> str:
    """Why a column may not be found among these; '' if nothing suggests itself."""
    if len(names) == 1 and any(mark in names[0] for mark in ",;|\t"):
        return "The whole line was read as one column: name the delimiter with --delimiter. "
    near = closest(name, names)
    return f"Did you mean {' or '.join(map(repr, near))}? " if near else ""


def unknown_class(name: str, names: Sequence[str]) -> DataError:
    """The error for a new label that the data have no class for."""
    return DataError(
        f"the new label {name!r}",
        "be one of the classes",
        f"the classes {', '.join(names[:20])}",
        "Choose one of them; the data name their classes, and a new one cannot be added.",
    )


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
