"""Answers of annotators as people store them: one row per answer, or one column per annotator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from dechaff.data.classes import Values, class_array, is_path, sort_classes
from dechaff.data.columns.names import unknown_column
from dechaff.data.dataset import Assumption
from dechaff.data.label_columns import read_table
from dechaff.data.memory.source import as_polars
from dechaff.errors import DataError, LabelsError
from dechaff.records.options import FileOptions

Codes = npt.NDArray[np.int32]
USUAL_NAMES: dict[str, tuple[str, ...]] = {
    "item": (
        "item", "task", "question", "example", "unit", "sample", "object", "document", "doc", "image", "tweet", "hit",
        "row", "instance", "subject", "text", "id",
    ),
    "annotator": (
        "annotator", "worker", "rater", "labeler", "labeller", "coder", "user", "judge", "reviewer", "expert",
        "person", "participant", "turker", "performer",
    ),
    "label": (
        "label", "answer", "response", "annotation", "rating", "class", "category", "choice", "judgment", "judgement",
        "vote", "value",
    ),
    "seconds": (
        "seconds", "duration", "leadtime", "elapsed", "worktime", "worktimeinseconds", "responsetime", "timespent",
        "time",
    ),
}  # fmt: skip
"""Names by which columns are recognized, whatever their case, with or without ``id`` and ``name``."""
_SHOWN = 5


@dataclass(frozen=True, kw_only=True)
class AnswerColumns:
    """Names of columns, None = to be recognized."""

    item: str | None = None
    annotator: str | None = None
    label: str | None = None
    seconds: str | None = None


@dataclass(frozen=True)
class AnswerTable:
    """Answers as codes, and the caller's names of items, annotators and classes."""

    items: Codes = field(repr=False)
    annotators: Codes = field(repr=False)
    labels: Codes = field(repr=False)
    item_names: Values = field(repr=False)
    annotator_names: Values = field(repr=False)
    class_names: Values
    item_column: str = "item"
    label_column: str = "label"
    seconds: npt.NDArray[np.float64] | None = field(default=None, repr=False)
    """(a,) time that each answer took, in any unit."""
    assumptions: tuple[Assumption, ...] = ()
    native: Any = field(default=None, repr=False)
    """The caller's own frame."""


def read_answers(
    source: Any, columns: AnswerColumns = AnswerColumns(), *, classes: Sequence[Any] = (), files: FileOptions
) -> AnswerTable:
    """Answers from a file, a frame or an array.

    Parameters
    ----------
    source : path, data frame, dict of columns, list of records, or (n, m) array
        A long table has columns of the item, the annotator and the label. In a wide one each column is an annotator,
        but for one that names the items; empty cells, NaN, and -1 in an array of integers, are no answers.
    columns : names of columns; those left out are recognized.
    classes : all classes; default: those that were given.

    Raises
    ------
    DataError
        If columns are missing, an item or annotator is not named, or an annotator answered an item twice.
    LabelsError
        If an item has no answer, or an answer is none of the classes.
    """
    frame = read_table(source, files) if is_path(source) else as_polars(_named_columns(source))
    if not frame.height:
        raise DataError("the answers", "have one row or more", "none", "Pass the table of the answers.")
    found = _recognized(frame.columns, columns)
    long = found.item is not None and found.annotator is not None and found.label is not None
    if columns.annotator is not None and not long:
        missing = "item" if found.item is None else "label"
        raise unknown_column(f"the {missing} column", missing, frame.columns, f"--{missing}")
    table = _long(frame, found, columns) if long else _wide(frame, found, columns, source)
    return replace(_with_classes(table, classes), native=None if is_path(source) else source)


def _named_columns(source: Any) -> Any:
    """An array with one column per annotator, numbered from 0, and -1 as no answer."""
    if not isinstance(source, np.ndarray | list | tuple) or (len(source) and isinstance(source[0], dict)):
        return source
    cells = np.asarray(source)
    if cells.ndim != 2:
        raise DataError(
            "the answers",
            "be a table with one row per answer, or an array with one row per item and one column per annotator",
            f"shape {cells.shape}",
            "Pass a frame with the columns item, annotator and label.",
        )
    columns = {str(place): cells[:, place].tolist() for place in range(cells.shape[1])}
    if cells.dtype.kind in "iu":
        columns = {name: [None if one < 0 else one for one in values] for name, values in columns.items()}
    return pl.DataFrame(columns, strict=False)


def _recognized(names: Sequence[str], columns: AnswerColumns) -> AnswerColumns:
    """The names of the columns: those that were passed, else those that are recognized."""
    taken = {name for name in vars(columns).values() if name is not None}
    found: dict[str, str | None] = {}
    for role, given in vars(columns).items():
        if given is not None and given not in names:
            raise unknown_column(f"the {role} column", given, list(names), f"--{role}")
        free = [name for name in names if name not in taken]
        found[role] = given or next(
            (name for word in USUAL_NAMES[role] for name in free if _plain(name) in (word, f"{word}id", f"{word}name")),
            None,
        )
        if found[role] is not None:
            taken.add(str(found[role]))
    return AnswerColumns(**found)


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())


def _long(frame: pl.DataFrame, found: AnswerColumns, given: AnswerColumns) -> AnswerTable:
    assert found.item is not None
    assert found.annotator is not None
    assert found.label is not None
    known = [_known(frame[name]) for name in (found.item, found.annotator, found.label)]
    for role, column in zip(("item", "annotator"), known, strict=False):
        if column.null_count():
            row = int(column.is_null().arg_true()[0])
            raise DataError(
                f"the {role} column {column.name!r}",
                "be filled in each row",
                f"an empty cell in row {row} ({column.null_count()} in all)",
                "Fill it, or leave the row out.",
            )
    item_names, items = _coded(known[0])
    _refuse_silent(item_names, items, known[2].is_not_null().to_numpy())
    answered = known[2].is_not_null()
    empty = int(known[2].null_count())
    annotator_names, annotators = _coded(known[1].filter(answered))
    kept = answered.to_numpy()
    items = items[kept]
    class_names, labels = _coded(known[2].filter(answered))
    _refuse_twice(items, annotators, item_names, annotator_names)
    seconds = None
    if found.seconds is not None:
        seconds = frame[found.seconds].cast(pl.Float64, strict=False).filter(answered).fill_null(np.nan).to_numpy()
    stated = [
        Assumption(role, repr(name), "by its name", f"--{role}")
        for role, name in vars(found).items()
        if name is not None and getattr(given, role) is None
    ]
    if empty:
        stated.append(Assumption("empty answers", f"{empty} rows left out", "their label is empty", "--label"))
    return AnswerTable(
        items, annotators, labels, item_names, annotator_names, class_names, found.item, found.label, seconds,
        tuple(stated),
    )  # fmt: skip


def _wide(frame: pl.DataFrame, found: AnswerColumns, given: AnswerColumns, source: Any) -> AnswerTable:
    index = getattr(source, "index", None) if hasattr(source, "iloc") else None
    people = [name for name in frame.columns if name != found.item]
    columns = [_known(frame[name]) for name in people]
    types = {column.dtype for column in columns if column.dtype != pl.Null}
    joined = pl.concat(
        [column.cast(pl.String if len(types) > 1 else next(iter(types), pl.String)) for column in columns]
    )
    n = frame.height
    items = np.tile(np.arange(n, dtype=np.int32), len(people))
    if found.item is not None:
        names = _values(_known(frame[found.item]))
        if len(set(names.tolist())) < n:
            raise DataError(
                f"the item column {found.item!r}", "name each item once", "a repeated name",
                "A table with one row per answer needs --annotator, the column of the annotators.",
            )  # fmt: skip
    else:
        names = np.arange(n) if index is None else class_array(list(index))
    answered = joined.is_not_null()
    kept = answered.to_numpy()
    _refuse_silent(names, items, kept)
    class_names, labels = _coded(joined.filter(answered))
    annotators = np.repeat(np.arange(len(people), dtype=np.int32), n)
    stated = (
        []
        if given.item is not None
        else [
            Assumption("annotators", f"{len(people)} columns", "no column of annotators was recognized", "--annotator")
        ]
    )
    return AnswerTable(
        items[kept], annotators[kept], labels, names, class_array(people), class_names,
        found.item or "item", given.label or "label", None, tuple(stated),
    )  # fmt: skip


def _known(column: pl.Series) -> pl.Series:
    """The cells, whole numbers as such, with null for what is empty or no number."""
    if column.dtype in (pl.String, pl.Categorical, pl.Enum):
        text = column.cast(pl.String).str.strip_chars()
        return text.set(text == "", None)
    if column.dtype.is_float():
        column = column.fill_nan(None)
        whole = column.drop_nulls()
        return column.cast(pl.Int64) if bool((whole == whole.round()).all()) else column
    return column


def _values(column: pl.Series) -> Values:
    return class_array(column.to_list())


def _coded(column: pl.Series) -> tuple[Values, Codes]:
    """The different values, sorted, and the place of each cell among them."""
    names = column.unique().drop_nulls()
    in_order = list(sort_classes(set(names.to_list()))) if names.dtype == pl.String else names.sort().to_list()
    places = pl.DataFrame({"value": pl.Series(in_order, dtype=column.dtype)}).with_row_index("code")
    codes = column.alias("value").to_frame().join(places, on="value", how="left", maintain_order="left")["code"]
    return class_array(in_order), codes.fill_null(0).to_numpy().astype(np.int32)


def _refuse_silent(names: Values, items: Codes, answered: npt.NDArray[np.bool_]) -> None:
    """An error if an item has no answer."""
    silent = np.flatnonzero(np.bincount(items[answered], minlength=len(names)) == 0)
    if len(silent):
        shown = ", ".join(str(names[one]) for one in silent[:_SHOWN])
        raise LabelsError(
            "the answers",
            "contain one or more of each item",
            f"none of {shown} ({len(silent)} of {len(names)} items)",
            "Leave these items out, or ask an annotator about them.",
        )


def _refuse_twice(items: Codes, annotators: Codes, item_names: Values, annotator_names: Values) -> None:
    """An error if an annotator answered an item twice."""
    pairs = items.astype(np.int64) * len(annotator_names) + annotators
    ordered = np.sort(pairs)
    twice = ordered[1:][ordered[1:] == ordered[:-1]]
    if len(twice):
        item, annotator = divmod(int(twice[0]), len(annotator_names))
        raise DataError(
            "the answers",
            "contain one of an annotator about an item",
            f"two of {annotator_names[annotator]!s} about {item_names[item]!s} ({len(twice)} more rows than pairs)",
            "Keep one of them.",
        )


def _with_classes(table: AnswerTable, classes: Sequence[Any]) -> AnswerTable:
    """The same with all classes, in their order; an error if an answer is none of them, or there is one annotator."""
    if len(table.annotator_names) < 2:
        raise DataError(
            "the answers",
            "come from two annotators or more",
            f"one, {table.annotator_names[0]!s}",
            "With one label per item, find its errors with find_label_errors or `dechaff audit`.",
        )
    if not classes:
        if len(table.class_names) < 2:
            fix = "Pass all classes with classes=[...] or --classes, or other answers."
            raise LabelsError("the answers", "name two classes or more", f"only {table.class_names[0]!s}", fix)
        return table
    place = {str(name): at for at, name in enumerate(classes)}
    moved = np.array([place.get(str(name), -1) for name in table.class_names.tolist()], dtype=np.int32)
    codes = moved[table.labels]
    bad = np.flatnonzero(codes < 0)
    if len(bad):
        found = f"{table.class_names[table.labels[bad[0]]]!s} about {table.item_names[table.items[bad[0]]]!s}"
        shown = ", ".join(map(str, list(classes)[:10]))
        raise LabelsError(
            "the answers", f"be among the classes {shown}", f"{found} ({len(bad)} answers in all)",
            "Correct them, or add the class.",
        )  # fmt: skip
    return replace(table, labels=codes, class_names=class_array(list(classes)))
