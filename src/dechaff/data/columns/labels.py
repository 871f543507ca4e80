"""The label column: which one it is, its classes, and codes for the rows."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from dechaff.data.classes import codes_of, sort_classes
from dechaff.data.columns.cells import Cells, texts
from dechaff.data.columns.names import listed, unknown_column
from dechaff.errors import LabelsError
from dechaff.typing import Labels, Mask, Texts

USUAL_NAMES = ("label", "labels", "target", "class", "y", "category", "intent")
MISSING_WORDS = frozenset({"nan", "NaN", "NAN", "null", "NULL", "NA", "N/A", "n/a", "#N/A", "<NA>", "?"})
"""Words that are read as "no label"; None and - are not among them, because classes are called so."""


@dataclass(frozen=True)
class LabelNames:
    """The class name of each row ('' if the label is missing), and how the words were read."""

    names: Texts
    missing: Mask
    words: dict[str, int]
    """Words read as "no label", with their number of rows."""
    last: str = ""
    """A class that is numbered after the others whatever it is called, so that no answer depends on its name."""

    def codes(self, class_names: Sequence[str]) -> Labels:
        """Codes of the rows by the order of these classes; -1 if the label is missing."""
        codes = np.full(len(self.names), -1, dtype=np.int64)
        codes[~self.missing] = codes_of(self.names[~self.missing], class_names)
        return codes


def sniff_label(columns: Sequence[Cells]) -> str:
    """The one column that is plainly the label, or a LabelsError that lists the columns."""
    by_lower = {cells.name.lower(): cells.name for cells in columns}
    found = [by_lower[name] for name in USUAL_NAMES if name in by_lower]
    if found:
        return found[0]
    raise LabelsError(
        "the label column",
        "be named",
        f"no column called {', '.join(USUAL_NAMES[:5])}; the columns are {listed([cells.name for cells in columns])}",
        "Name it with --label COLUMN, or label=… in Python.",
    )


def find_label(columns: Sequence[Cells], label: str) -> Cells:
    """The column that the user named, or an error with the closest names."""
    for cells in columns:
        if cells.name == label:
            return cells
    raise unknown_column("the label column", label, [cells.name for cells in columns], "--label")


def label_names(cells: Cells) -> LabelNames:
    """The class name in each cell: stripped, whole numbers without a decimal point, booleans as words."""
    if cells.stored in ("number", "category") and cells.numbers is not None and _all_whole(cells.numbers):
        names = texts(["" if math.isnan(value) else str(int(value)) for value in cells.numbers])
        return LabelNames(names, cells.missing, {})
    stripped = cells.stripped
    word = stripped.is_in(list(MISSING_WORDS)).to_numpy().astype(bool) & ~cells.missing
    missing = cells.missing | word
    counted = Counter(str(found) for found in cells.raw[word])
    if _whole_numbers_with_point(stripped.filter(pl.Series(~missing))):
        stripped = stripped.str.replace(r"\.0+$", "")
    names = stripped.to_numpy().astype(object)
    names[missing] = ""
    return LabelNames(names, missing, dict(counted))


def class_names_of(labels: LabelNames) -> tuple[str, ...]:
    """The classes that occur, sorted: numbers by value, words by letter."""
    return sort_classes(set(labels.names[~labels.missing]), last=labels.last)


def usual_spellings(labels: LabelNames, raw: Texts) -> dict[str, int]:
    """For each class, the first row that spells it in the most usual way."""
    rows = np.flatnonzero(~labels.missing)
    pairs = list(zip(labels.names[rows], raw[rows], strict=True))
    # Reversed, so that of several rows the first is the one that stays.
    first = dict(zip(reversed(pairs), reversed(rows.tolist()), strict=True))
    usual: dict[str, int] = {}
    for (name, spelling), _ in Counter(pairs).most_common():
        usual.setdefault(name, first[name, spelling])
    return usual


def check_classes(name: str, cells: Cells, labels: LabelNames) -> None:
    """A LabelsError if the labels are numbers to be predicted, all missing, or one class."""
    shown = f"the label column {name!r}" if name else "the labels"
    if cells.stored == "nested":
        raise LabelsError(
            shown,
            "contain one class in each cell",
            f"lists or records, such as {next(filter(None, cells.raw), '')[:40]}",
            "Audit one class at a time, in a yes-or-no column.",
        )
    present = labels.names[~labels.missing]
    if not len(present):
        raise LabelsError(
            shown,
            "contain a class in at least some rows",
            f"that all {len(labels.names)} labels are missing",
            "Label some rows, or name another column with --label.",
        )
    distinct = sorted(set(present))
    _refuse_quantities(shown, distinct, len(present))
    if len(distinct) == 1:
        raise LabelsError(
            shown,
            "contain at least two classes",
            f"only {distinct[0]!r}, in all {len(present)} labelled rows",
            f"{_for_positives(labels)}Name another column with --label, or add rows of another class.",
        )


def _for_positives(labels: LabelNames) -> str:
    """Where the other rows are empty, the labels may be those of positives alone."""
    return "If the rows without a label may be of either class, use dechaff pu. " if labels.missing.any() else ""


def _refuse_quantities(shown: str, distinct: list[str], rows: int) -> None:
    values = [value for value in map(as_number, distinct) if value is not None]
    numeric = len(values) == len(distinct)
    rows_each = rows / len(distinct)
    if numeric and _many_numbers(values, rows_each):
        raise LabelsError(
            shown,
            "contain classes",
            f"{len(distinct):,} distinct numbers in {rows:,} rows (such as {', '.join(distinct[:3])}), "
            "which is a quantity to be predicted (regression)",
            "Regression is not audited yet. Cut the numbers into classes (low, middle, high) in a new column, "
            "or name the column of classes with --label.",
        )
    if not numeric and len(distinct) > 20 and rows_each < 1.5:
        raise LabelsError(
            shown,
            "contain classes that repeat",
            f"{len(distinct):,} distinct values in {rows:,} rows (such as {distinct[0][:40]!r})",
            "That looks like a text or an identifier; name the column of classes with --label.",
        )


def _many_numbers(values: list[float], rows_each: float) -> bool:
    fractions = any(value != round(value) for value in values)
    if fractions:
        return len(values) > 20 or (len(values) > 5 and rows_each < 3)
    return (len(values) > 50 and rows_each < 10) or (len(values) > 20 and rows_each < 3)


def as_number(name: str) -> float | None:
    """The number that a name spells; None if it spells none."""
    try:
        value = float(name)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _all_whole(figures: np.ndarray[tuple[int], np.dtype[np.float64]]) -> bool:
    found = figures[~np.isnan(figures)]
    return bool(np.isfinite(found).all() and (found == np.round(found)).all())


def _whole_numbers_with_point(present: pl.Series) -> bool:
    """True for a column of whole numbers some of which are written 1.0, as programs do."""
    return bool(present.str.contains(r"^-?(0|[1-9]\d*)(\.0+)?$").all() and present.str.contains(r"\.0+$").any())
