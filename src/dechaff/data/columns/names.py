"""Columns by name, with the closest names for a mistyped one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from dechaff.core.words import listed
from dechaff.errors import DataError

MOST_NAMED = 20
"""Columns that a message names."""


def closest(word: str, names: Iterable[str]) -> list[str]:
    """Up to three names that look like the word, whatever their case."""
    by_lower: dict[str, str] = {}
    for name in names:
        by_lower.setdefault(name.lower(), name)
    return [by_lower[found] for found in difflib.get_close_matches(word.lower(), by_lower, n=3, cutoff=0.5)]


def did_you_mean(names: Sequence[str]) -> str:
    """The question that proposes some names, and a space; '' if there is none.

    Examples
    --------
    >>> did_you_mean(["a.csv"]), did_you_mean(["a", "b", "c"])
    ('Did you mean a.csv? ', 'Did you mean a, b or c? ')
    """
    return f"Did you mean {' or '.join(filter(None, (', '.join(names[:-1]), names[-1])))}? " if names else ""


def unknown_column(role: str, name: str, names: Sequence[str], flag: str) -> DataError:
    """The error for a column that is not there."""
    parts = [part.strip() for part in name.split(",")]
    fix = hint(name, names)
    if len(parts) > 1 and set(parts) <= set(names):
        fix = f"Pass the flag once per column: {' '.join(f'{flag} {part}' for part in parts)}. "
    return DataError(
        f"{role} {name!r}",
        "be one of the columns",
        f"the columns {listed(names, MOST_NAMED)}",
        f"{fix}Name the column with {flag}.",
    )


def hint(name: str, names: Sequence[str]) -> str:
    """Why a column may not be found among these; '' if nothing suggests itself."""
    if len(names) == 1 and any(mark in names[0] for mark in ",;|\t"):
        return "The whole line was read as one column: name the delimiter with --delimiter. "
    return did_you_mean(list(map(repr, closest(name, names))))


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
