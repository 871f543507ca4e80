"""The label column: which one it is, its classes, and codes for the rows."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl

from dechaff.core.words import counted, listed
from dechaff.data.classes import codes_of, sort_classes
from dechaff.data.columns.cells import Cells, texts
from dechaff.data.columns.names import MOST_NAMED, hint, unknown_column
from dechaff.data.columns.spellings import one_spelling
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
    merged: Mapping[str, str] = field(default_factory=dict)
    """Names that are spellings of other ones, with these; '' for words that mean no label."""

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
        f"no column called {', '.join(USUAL_NAMES[:5])}; "
        f"the columns are {listed([cells.name for cells in columns], MOST_NAMED)}",
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


def with_one_spelling(
    labels: LabelNames, raw: Texts, rows: Mapping[str, int], known: Collection[str] = ()
) -> LabelNames:
    """The same with one name for all spellings of a label, as `one_spelling` finds them.

    `raw` are the texts of the cells, `rows` the rows that have each text, `known` names that are classes.
    """
    names = dict(zip(raw.tolist(), labels.names.tolist(), strict=True))
    return renamed(labels, raw, rows, one_spelling(((name, rows[text]) for text, name in names.items() if name), known))


def renamed(labels: LabelNames, raw: Texts, rows: Mapping[str, int], merged: Mapping[str, str]) -> LabelNames:
    """The same with some names replaced, by '' if they mean no label."""
    if not merged:
        return labels
    names = texts([merged.get(name, name) for name in labels.names.tolist()])
    gone = (names == "") & ~labels.missing
    words = labels.words | {word: rows[word] for word in raw[gone].tolist()}
    return replace(labels, names=names, missing=labels.missing | gone, words=words, merged=merged)


def usual_spellings(labels: LabelNames, raw: Texts, rows: Mapping[str, int]) -> dict[str, int]:
    """For each class, the first cell that spells it as its name, else as most rows do, which is how numbers are."""
    usual, ranks = dict[str, int](), dict[str, tuple[bool, int]]()
    # Reversed, so that of several cells the first is the one that stays.
    first = dict(zip(raw[::-1].tolist(), range(len(raw))[::-1], strict=True))
    for cell in sorted(first.values()):
        name, rank = (
            labels.names[cell],
            (raw[cell] == labels.names[cell] and as_number(raw[cell]) is None, rows[raw[cell]]),
        )
        if name and rank > ranks.get(name, (False, 0)):
            usual[name], ranks[name] = cell, rank
    return usual


def odd_labels(labels: LabelNames, cells: Cells, rows: Mapping[str, int]) -> dict[int, str]:
    """The cells whose label is not spelled in the usual way of its class, each with its text; numbers have many."""
    if cells.stored not in ("text", "category"):
        return {}
    usual = {name: cells.raw[cell] for name, cell in usual_spellings(labels, cells.raw, rows).items()}
    names = dict(zip(cells.raw.tolist(), labels.names.tolist(), strict=True))
    odd = {raw for raw, name in names.items() if name and raw != usual[name] and as_number(name) is None}
    return {cell: raw for cell, raw in enumerate(cells.raw.tolist()) if raw in odd} if odd else {}


def check_one_coding(trained: Collection[str], tested: Collection[str]) -> None:
    """A LabelsError if no label of the test rows is a class of the training rows; one alone may be a new class."""
    if trained and len(tested) > 1 and not set(trained) & set(tested):
        raise LabelsError(
            "the labels of the test rows",
            f"be classes of the training rows, which are {listed(sort_classes(set(trained)), MOST_NAMED)}",
            f"only {listed(sort_classes(set(tested)), MOST_NAMED)}",
            "Write the labels of both in one way, or name the column of the same labels.",
        )


def class_names_of(labels: LabelNames) -> tuple[str, ...]:
    """The classes that occur, sorted: numbers by value, words by letter."""
    return sort_classes(set(labels.names[~labels.missing]), last=labels.last)


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
            f"only {distinct[0]!r}, in all of the {counted(len(present), 'labelled row')}",
            f"{_for_positives(labels)}Name another column with --label, or add rows of another class.",
        )


def checked_classes(classes: tuple[str, ...]) -> tuple[str, ...]:
    """The named classes, none or at least two different ones without blanks around them; otherwise a LabelsError."""
    bad = next((name for name in classes if not name.strip() or name != name.strip() or classes.count(name) > 1), None)
    if bad is None and len(classes) != 1:
        return classes
    found = f"only {classes[0]!r}" if bad is None else f"{bad!r}{' twice' if classes.count(bad) > 1 else ''}"
    fix = "Name each once, as in --classes spam,ham, or classes=[…] in Python."
    raise LabelsError("the classes", "be at least two different names without spaces around them", found, fix)


def check_named(name: str, labels: LabelNames, classes: Sequence[str], row_of: Sequence[int] | None = None) -> None:
    """A LabelsError that names the first label that is none of the named classes, and its row if that is known."""
    odd = np.flatnonzero(~labels.missing & ~np.isin(labels.names.astype(str), list(classes)))
    if len(odd):
        label, row = str(labels.names[odd[0]]), int(odd[0]) if row_of is None else row_of[int(odd[0])]
        raise LabelsError(
            f"the label column {name!r}" if name else "the labels",
            f"contain only the named classes {listed(list(classes), MOST_NAMED)}",
            f"{label!r} in row {row:,}",
            f"{hint(label, list(classes))}Name this class as well with --classes, or correct the label.",
        )


def _for_positives(labels: LabelNames) -> str:
    """If the other rows are empty, the labels may be those of positives only."""
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
    if len(distinct) > 20 and rows_each < 50 and all(map(_DATE.fullmatch, distinct)):
        raise LabelsError(
            shown,
            "contain classes",
            f"{len(distinct):,} dates in {rows:,} rows (such as {', '.join(distinct[:3])})",
            "Cut the dates into classes, such as years, in a new column, or name the column of classes with --label.",
        )
    if not numeric and len(distinct) > 20 and rows_each < 1.5:
        raise LabelsError(
            shown,
            "contain classes that repeat",
            f"{len(distinct):,} distinct values in {rows:,} rows (such as {distinct[0][:40]!r})",
            "That looks like a text or an identifier; name the column of classes with --label.",
        )


_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T][\d:.,+Z-]*)?")


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
