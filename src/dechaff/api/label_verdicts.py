"""Reviews as people hand them in: row and true label, in any of the usual shapes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.api.label_inputs import LabelInputs
from dechaff.data.classes import Values
from dechaff.data.label_columns import column_values, is_path, read_table
from dechaff.errors import InputError
from dechaff.typing import Labels, Rows

_ROW_NAMES = ("row", "id", "ids", "index")
_LABEL_NAMES = ("label", "true_label", "true", "verdict")


@dataclass(frozen=True)
class Verdicts:
    """What people said of some rows, each once."""

    rows: Rows
    true: npt.NDArray[np.int64]
    """Codes of the true classes; -1 = none of the classes."""

    def wrong(self, labels: Labels) -> npt.NDArray[np.bool_]:
        """Whether the given label of each was wrong."""
        return np.asarray(labels[self.rows] != self.true)

    def and_later(self, later: Verdicts) -> Verdicts:
        """Both; of two verdicts on a row the later one holds."""
        rows = np.concatenate([later.rows, self.rows])
        true = np.concatenate([later.true, self.true])
        _, first = np.unique(rows, return_index=True)
        first = np.sort(first)
        return Verdicts(rows[first], true[first])


NO_VERDICTS = Verdicts(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))


def read_verdicts(reviews: Any, inputs: LabelInputs) -> Verdicts:
    """Reviews from a dict {row: true label}, a pair (rows, labels), a frame, or a CSV.

    In a CSV a row without a label has not been read yet, and the label "none" stands for None, unless a class is
    called so. A file of decisions that `dechaff apply --export-decisions` wrote counts as well: "relabel" gives the
    true label, "keep" says that the given one is right, other actions say nothing about the label.
    """
    if reviews is None:
        return NO_VERDICTS
    if is_path(reviews):
        reviews = _read_rows(read_table(Path(reviews)), inputs)
    rows, labels = _pair(reviews)
    if len(rows) != len(labels):
        raise InputError(
            "reviews", "give one label a row", f"{len(rows)} rows and {len(labels)} labels", "Check the two lists."
        )
    positions, true = inputs.positions(rows), _codes(inputs, labels, rows)
    latest = Verdicts(positions[::-1], true[::-1])
    return NO_VERDICTS.and_later(latest)


_KEPT = "\0keep"


def _codes(inputs: LabelInputs, labels: Values, rows: Values) -> Labels:
    kept = np.array([label == _KEPT for label in labels.tolist()], dtype=bool)
    codes = np.full(len(labels), -1, dtype=np.int64)
    codes[kept] = inputs.labels[inputs.positions(rows[kept])]
    codes[~kept] = inputs.codes(labels[~kept], none=True)
    return codes


def _pair(reviews: Any) -> tuple[Values, Values]:
    if hasattr(reviews, "columns") or hasattr(reviews, "column_names"):
        return _from_frame(reviews)
    if isinstance(reviews, Mapping):
        return column_values(list(reviews)), column_values(list(reviews.values()))
    if isinstance(reviews, Verdicts):
        return reviews.rows, reviews.true
    if isinstance(reviews, tuple) and len(reviews) == 2:
        return column_values(reviews[0]), column_values(reviews[1])
    if type(reviews).__module__.startswith("pandas") and type(reviews).__name__ == "Series":
        return column_values(reviews.index), column_values(reviews)
    raise InputError(
        "reviews",
        "be a dict {row: true label}, a pair (rows, labels), a frame with the columns row and label, or a CSV of it",
        type(reviews).__name__,
        "Hand in what next_to_review(n) gave, with the true label of each row.",
    )


def _from_frame(frame: Any) -> tuple[Values, Values]:
    names = [str(name) for name in (frame.column_names if hasattr(frame, "column_names") else frame.columns)]
    label = next((name for name in _LABEL_NAMES if name in names), None)
    row = next((name for name in _ROW_NAMES if name in names), None)
    if label is None or (row is None and not hasattr(frame, "index")):
        raise InputError(
            "reviews", "have the columns row and label", f"the columns {', '.join(names)}", "Name them so."
        )
    rows = column_values(frame[row]) if row is not None else column_values(frame.index)
    return rows, column_values(frame[label])


def _read_rows(table: Any, inputs: LabelInputs) -> tuple[Values, Values]:
    """Rows and labels of a file, without the lines that say nothing about a label."""
    if "action" in table.columns and "row" in table.columns:
        told = table.filter(table["action"].is_in(["keep", "relabel"]))
        pairs = zip(told["action"], told["label"], strict=True)
        return column_values(told["row"]), column_values([_KEPT if one == "keep" else label for one, label in pairs])
    rows, labels = _from_frame(table)
    said = np.array([label is not None and label == label and label != "" for label in labels.tolist()], dtype=bool)
    words = ["none"] if "none" not in map(str, inputs.classes.tolist()) else []
    return rows[said], column_values([None if label in words else label for label in labels[said].tolist()])
