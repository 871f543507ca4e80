"""Reviews as input: items and their true labels, in any of the usual forms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from dechaff.api.labels.names import places_of
from dechaff.core.words import listed
from dechaff.data.classes import Values, column_names, column_values, is_path, missing_labels
from dechaff.data.label_columns import read_table
from dechaff.errors import InputError
from dechaff.typing import Labels, Mask, Rows

_ROW_NAMES = ("row", "id", "ids", "index")
_LABEL_NAMES = ("label", "true_label", "true", "verdict")
KEPT = "\0keep"
"""Stands for the given label."""


@dataclass(frozen=True)
class Reviews:
    """Reviews of some items, each once."""

    rows: Rows
    """(r,) positions of the items."""
    true: npt.NDArray[Any]
    """(r,) true classes as codes, or true numbers; -1 or NaN if only the given one is known to be wrong."""
    wrong: Mask
    """(r,) whether the given label was wrong."""
    known: Mask
    """(r,) whether the true label is known."""

    def __len__(self) -> int:
        return len(self.rows)

    def and_later(self, later: Reviews) -> Reviews:
        """Both; of two reviews of one item the later one holds."""
        rows = np.concatenate([later.rows, self.rows])
        _, first = np.unique(rows, return_index=True)
        first = np.sort(first)
        parts = (np.concatenate([getattr(later, name), getattr(self, name)]) for name in ("true", "wrong", "known"))
        return Reviews(rows[first], *(part[first] for part in parts))


_NOTHING: npt.NDArray[Any] = np.zeros(0, dtype=np.int64)
NO_REVIEWS = Reviews(_NOTHING, _NOTHING, _NOTHING.astype(bool), _NOTHING.astype(bool))


def review_pairs(reviews: Any, keys: Sequence[str], class_names: Sequence[Any]) -> tuple[Values, Values]:
    """Items and labels of a dict {row: true label}, a pair (rows, labels), a frame, or a CSV.

    `keys` are the columns that name an item. In a CSV an empty label means "not reviewed", and the label "none" stands
    for None, unless a class is called so. A file of decisions that `dechaff apply --export-decisions` wrote counts as
    well: "relabel" gives the true label, "keep" confirms the given one (`KEPT`), other actions are ignored.
    """
    if is_path(reviews):
        table = read_table(Path(reviews))
        # A sheet holds an apostrophe before what a spreadsheet would run as a formula.
        plain = table.with_columns(pl.col(pl.String).str.replace(r"^'([=+\-@\t\r])", "${1}"))
        rows, labels = _from_file(plain, keys, class_names)
    elif hasattr(reviews, "columns") or hasattr(reviews, "column_names"):
        rows, labels = _from_frame(reviews, keys)
    elif isinstance(reviews, Mapping):
        rows, labels = column_values(list(reviews)), column_values(list(reviews.values()))
    elif isinstance(reviews, tuple) and len(reviews) == 2:
        rows, labels = column_values(reviews[0]), column_values(reviews[1])
    elif type(reviews).__module__.startswith("pandas") and type(reviews).__name__ == "Series":
        rows, labels = column_values(reviews.index), column_values(reviews)
    else:
        columns = " and ".join([*keys, "label"])
        raise InputError(
            "reviews",
            f"be a dict {{row: true label}}, a pair (rows, labels), a frame with the columns {columns}, or a CSV of it",
            type(reviews).__name__,
            "Pass the items of next_to_review(n) with their true labels.",
        )
    if len(rows) != len(labels):
        found = f"{len(rows)} rows and {len(labels)} labels"
        raise InputError("reviews", "have one label per row", found, "Check the two lists.")
    return rows, labels


def _from_frame(frame: Any, keys: Sequence[str]) -> tuple[Values, Values]:
    names = [str(name) for name in column_names(frame)]
    label = next((name for name in _LABEL_NAMES if name in names), None)
    if len(keys) > 1:
        rows = [name for name in keys if name in names]
    else:
        rows = [name for name in (*_ROW_NAMES, *keys) if name in names and name != label][:1]
    if label is None or (len(rows) < len(keys) and not hasattr(frame, "index")):
        columns = " and ".join([*(keys if len(keys) > 1 else ("row",)), "label"])
        raise InputError(
            "reviews", f"have the columns {columns}", f"the columns {listed(names, 20)}", "Rename the columns."
        )
    parts = [column_values(frame[name]) for name in rows] or [column_values(frame.index)]
    items = parts[0] if len(parts) == 1 else column_values(list(zip(*map(np.ndarray.tolist, parts), strict=True)))
    return items, column_values(frame[label])


def _from_file(table: Any, keys: Sequence[str], class_names: Sequence[Any]) -> tuple[Values, Values]:
    """Rows and labels of a file, without lines that have no label."""
    if "action" in table.columns and "row" in table.columns:
        decided = table.filter(table["action"].is_in(["keep", "relabel"]))
        pairs = zip(decided["action"], decided["label"], strict=True)
        true = [KEPT if action == "keep" else label for action, label in pairs]
        return column_values(decided["row"]), column_values(true)
    rows, labels = _from_frame(table, keys)
    filled = ~without_label(labels)
    none = ["none"] if "none" not in map(str, class_names) else []
    return rows[filled], column_values([None if label in none else label for label in labels[filled].tolist()])


def class_codes(values: Values, class_names: Sequence[Any]) -> Labels:
    """Codes of classes by the caller's names, -1 for a missing one; an InputError names a label that is no class."""
    found, missing = places_of(values.tolist(), class_names), without_label(values)
    found[missing] = -1
    unknown = np.flatnonzero((found < 0) & ~missing)
    if len(unknown):
        place = unknown[0]
        names = ", ".join(map(str, list(class_names)[:8]))
        raise InputError(
            "a reviewed label",
            "be one of the classes",
            f"{values.tolist()[place]!r} in place {place}; the classes are {names}",
            "Use None for a row that belongs to none of them.",
        )
    return found


def without_label(values: Values) -> Mask:
    """(r,) where a review means that no label is right: None, NaN, or an empty text."""
    empty = np.array([isinstance(value, str) and not value for value in values.tolist()], dtype=bool)
    return np.asarray(missing_labels(values) | empty)
