"""Reviews as input: items and their true labels, in any of the usual forms."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.api.labels.names import Names, spellings
from dechaff.data.classes import Values, column_values, is_path
from dechaff.data.label_columns import read_table
from dechaff.errors import InputError
from dechaff.typing import Labels, Mask, Rows

_ROW_NAMES = ("row", "id", "ids", "index")
_LABEL_NAMES = ("label", "true_label", "true", "verdict")
_KEPT = "\0keep"


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


@dataclass(frozen=True)
class ReviewReader:
    """Reads the reviews of one result."""

    names: Names
    encode: Callable[[Values], npt.NDArray[Any]]
    """True labels as codes or numbers; missing ones as -1 or NaN."""
    given: Callable[[Rows], npt.NDArray[Any]]
    """Given labels of some items, as codes or numbers."""
    is_wrong: Callable[[Rows, npt.NDArray[Any]], Mask]
    """Whether given labels are wrong if these are the true ones."""
    class_names: Sequence[Any] = field(default=(), repr=False)

    def read(self, reviews: Any) -> Reviews:
        """Reviews from a dict {row: true label}, a pair (rows, labels), a frame, or a CSV.

        In a CSV an empty label means "not reviewed", and the label "none" stands for None, unless a class is
        called so. A file of decisions that `dechaff apply --export-decisions` wrote counts as well: "relabel" gives the
        true label, "keep" confirms the given one, other actions are ignored.
        """
        if reviews is None:
            return NO_REVIEWS
        if isinstance(reviews, Reviews):
            return reviews
        if is_path(reviews):
            reviews = self._from_file(read_table(Path(reviews)))
        rows, labels = self._pair(reviews)
        if len(rows) != len(labels):
            raise InputError(
                "reviews",
                "have one label per row",
                f"{len(rows)} rows and {len(labels)} labels",
                "Check the two lists.",
            )
        at = self.names.find(rows)
        kept = np.array([isinstance(label, str) and label == _KEPT for label in labels.tolist()], dtype=bool)
        given = self.given(at)
        true = np.full(len(at), -1, dtype=given.dtype)
        true[kept], true[~kept] = given[kept], self.encode(labels[~kept])
        known = ~np.isnan(true) if true.dtype.kind == "f" else true >= 0
        wrong = np.asarray(self.is_wrong(at, true) & ~kept)
        return NO_REVIEWS.and_later(Reviews(at[::-1], true[::-1], wrong[::-1], known[::-1]))

    def _pair(self, reviews: Any) -> tuple[Values, Values]:
        if hasattr(reviews, "columns") or hasattr(reviews, "column_names"):
            return self._from_frame(reviews)
        if isinstance(reviews, Mapping):
            return column_values(list(reviews)), column_values(list(reviews.values()))
        if isinstance(reviews, tuple) and len(reviews) == 2:
            return column_values(reviews[0]), column_values(reviews[1])
        if type(reviews).__module__.startswith("pandas") and type(reviews).__name__ == "Series":
            return column_values(reviews.index), column_values(reviews)
        columns = " and ".join([*self.names.keys, "label"])
        raise InputError(
            "reviews",
            f"be a dict {{row: true label}}, a pair (rows, labels), a frame with the columns {columns}, or a CSV of it",
            type(reviews).__name__,
            "Pass the items of next_to_review(n) with their true labels.",
        )

    def _from_frame(self, frame: Any) -> tuple[Values, Values]:
        names = [str(name) for name in (frame.column_names if hasattr(frame, "column_names") else frame.columns)]
        label = next((name for name in _LABEL_NAMES if name in names), None)
        if len(self.names.keys) > 1:
            rows = [name for name in self.names.keys if name in names]
        else:
            rows = [name for name in (*_ROW_NAMES, *self.names.keys) if name in names and name != label][:1]
        if label is None or (len(rows) < len(self.names.keys) and not hasattr(frame, "index")):
            columns = " and ".join([*(self.names.keys if len(self.names.keys) > 1 else ("row",)), "label"])
            raise InputError(
                "reviews", f"have the columns {columns}", f"the columns {', '.join(names)}", "Rename the columns."
            )
        labels = column_values(frame[label])
        parts = [column_values(frame[name]) for name in rows]
        if not parts:
            return column_values(frame.index), labels
        return parts[0] if len(parts) == 1 else column_values(
            list(zip(*map(np.ndarray.tolist, parts), strict=True))
        ), labels

    def _from_file(self, table: Any) -> tuple[Values, Values]:
        """Rows and labels of a file, without lines that have no label."""
        if "action" in table.columns and "row" in table.columns:
            decided = table.filter(table["action"].is_in(["keep", "relabel"]))
            pairs = zip(decided["action"], decided["label"], strict=True)
            true = [_KEPT if action == "keep" else label for action, label in pairs]
            return column_values(decided["row"]), column_values(true)
        rows, labels = self._from_frame(table)
        filled = np.array([label is not None and label == label and label != "" for label in labels.tolist()], bool)
        none = ["none"] if "none" not in map(str, self.class_names) else []
        return rows[filled], column_values([None if label in none else label for label in labels[filled].tolist()])


def class_codes(values: Values, class_names: Sequence[Any]) -> Labels:
    """Codes of classes by the caller's names, -1 for a missing one; an InputError names a label that is no class."""
    code: dict[Any, int] = {str(value): place for place, value in enumerate(class_names)}
    code |= {value: place for place, value in enumerate(class_names)}
    found = np.full(len(values), -1, dtype=np.int64)
    for place, value in enumerate(values.tolist()):
        if is_missing(value):
            continue
        known = next((code[one] for one in spellings(value) if one in code), None)
        if known is None:
            raise InputError(
                "a reviewed label",
                "be one of the classes",
                f"{value!r} in place {place}; the classes are {', '.join(map(str, list(class_names)[:8]))}",
                "Use None for a row that belongs to none of them.",
            )
        found[place] = known
    return found


def is_missing(value: Any) -> bool:
    """Whether a review means that no label is right."""
    return (
        value is None
        or (not isinstance(value, list | tuple) and value != value)
        or (isinstance(value, str) and value == "")
    )
