"""Which column names the rows: unique, and named or spelled like an identifier."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from dechaff.data.columns.cells import Cells
from dechaff.data.columns.numbers import mean_words, parse_numbers

_NAMES = ("id", "uuid", "guid", "uid", "index", "idx", "key", "rowid", "rownum", "row", "file", "filename", "path", "")
_HEX = r"^[0-9a-f]{6,64}$|^[0-9A-F]{6,64}$"
_UUID = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"


def sniff_id(columns: Sequence[Cells]) -> tuple[str, str] | None:
    """Name of the id column and why it is one; None if no column is clearly an identifier.

    A column of text or of measured numbers is never one, however unique.
    """
    unique = [cells for cells in columns if is_unique(cells) and _may_name_rows(cells)]
    named = sorted((cells for cells in unique if _rank(cells.name) < 9), key=lambda cells: _rank(cells.name))
    if named:
        return named[0].name, "its cells are unique and it is named like an identifier"
    for cells in unique:
        reason = _spelled_like_one(cells, first=cells is columns[0])
        if reason:
            return cells.name, f"its cells are unique and {reason}"
    return None


def is_unique(cells: Cells) -> bool:
    """True if no cell is missing and none repeats."""
    if cells.missing.any() or len(set(cells.raw[:1000])) < min(len(cells), 1000):
        return False
    return len(set(cells.raw)) == len(cells)


def _may_name_rows(cells: Cells) -> bool:
    if cells.stored in ("number", "date", "boolean", "nested", "image"):
        return False
    if cells.stored == "integer":
        return True
    figures = parse_numbers(cells.stripped)
    if np.isfinite(figures).all():
        return bool((figures == np.round(figures)).all())
    return mean_words(cells) < 1.5


def _rank(name: str) -> int:
    """0 for a column called "id", 1 for "student_id", 2 and more for weaker names, 9 for other names."""
    if name.startswith("__index_level_"):
        # The name that pandas gives a nameless index in a Parquet file.
        return 2
    words = [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)] or [""]
    if words == ["id"]:
        return 0
    if words[-1] == "id" or words[0] == "id":
        return 1
    return 2 if len(words) == 1 and words[0] in _NAMES else 9


def _spelled_like_one(cells: Cells, *, first: bool) -> str:
    spelled = cells.stripped
    if spelled.str.contains(_UUID).all():
        return "spelled like UUIDs"
    letters_and_digits = spelled.str.contains(r"[a-fA-F]").mean() or 0
    if len(cells) >= 10 and spelled.str.contains(_HEX).all() and float(letters_and_digits) > 0.5:  # type: ignore[arg-type]
        return "hexadecimal codes"
    if first and len(cells) >= 10 and _counts_up(cells):
        return "it is the first column and counts the rows"
    return ""


def _counts_up(cells: Cells) -> bool:
    figures = cells.numbers if cells.numbers is not None else parse_numbers(cells.stripped)
    return bool(np.isfinite(figures).all() and figures[0] in (0, 1) and (np.diff(figures) == 1).all())
