"""The classes of a stream of labels: one pass finds the different labels, the next ones turn them into codes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import polars as pl

from dechaff.data.classes import Values, column_values, encode_classes, no_such_class
from dechaff.errors import LabelsError
from dechaff.typing import Chunk

WhereOf = Callable[[int], str]
"""The file and the place in it of a row, for messages."""
_NARROW = 2**16


@dataclass(frozen=True)
class DistinctLabels:
    """The fold over the different labels of each chunk: all of them, in any order, or a LabelsError if too many."""

    most: int
    columns: ClassVar[tuple[str, ...]] = ("label_values",)
    keyed_by: ClassVar[str | None] = None

    def init(self) -> frozenset[Any]:
        """No labels."""
        return frozenset()

    def update(self, state: frozenset[Any], chunk: Chunk) -> frozenset[Any]:
        """Adds the chunk's labels."""
        return self.merge(state, frozenset(chunk["label_values"].tolist()))

    def merge(self, left: frozenset[Any], right: frozenset[Any]) -> frozenset[Any]:
        """All labels of both."""
        both = left | right
        if len(both) > self.most:
            raise LabelsError(
                "labels",
                f"be of at most {self.most} classes, one per column of probs",
                f"more different ones, such as {', '.join(sorted(map(str, both))[:4])}",
                "Name the column of the labels, or pass the probability of every class.",
            )
        return both

    def finalize(self, state: frozenset[Any]) -> frozenset[Any]:
        """The labels."""
        return state


@dataclass(frozen=True)
class LabelCodes:
    """How labels become codes: the classes by column of the probabilities, and the code of each label."""

    classes: Values
    """In the caller's own values."""
    old: Values = field(repr=False)
    new: npt.NDArray[np.int64] = field(repr=False)
    names: Sequence[Any] | None = field(default=None, repr=False)
    """Of the columns, if they have names."""

    @classmethod
    def of(cls, labels: frozenset[Any], n_classes: int, names: Sequence[Any] | None) -> LabelCodes:
        """Codes of these labels, as `encode_classes` gives them."""
        kinds = {type(label) for label in labels}
        ordered = sorted(labels) if len(kinds) == 1 else sorted(labels, key=str)
        old = column_values(ordered) if ordered else np.empty(0, dtype=np.int64)
        classes, new = encode_classes(old, n_classes, names, where=None)
        return cls(classes, old, new, names)

    def codes(self, labels: pl.Series, where: WhereOf, first_row: int) -> npt.NDArray[np.int64]:
        """The codes of some labels, which stand at a place that an error names."""
        labels = _without_nan(labels)
        if labels.null_count():
            row = first_row + int(labels.is_null().arg_max() or 0)
            raise LabelsError(
                "labels",
                "be given in every row",
                f"none in row {row} ({where(row)})",
                "Leave out the rows without a label.",
            )
        if labels.dtype.is_integer() and np.array_equal(self.old, self.new):
            codes = labels.to_numpy().astype(np.int64, copy=False)
            if len(codes) and not (codes.min() >= self.old[0] and codes.max() <= self.old[-1]):
                raise self._stray(labels, where, first_row)
            return codes
        if self.old.dtype.kind == "f":  # those of other files may be fractions
            labels = labels.cast(pl.Float64)
        mapped = labels.replace_strict(self._old_as(labels.dtype), pl.Series(self.new), default=None)
        if mapped.null_count():
            raise self._stray(labels, where, first_row)
        return mapped.to_numpy().astype(np.int64, copy=False)

    def _old_as(self, kind: pl.DataType) -> pl.Series:
        return pl.Series(self.old.tolist(), dtype=kind)

    def _stray(self, labels: pl.Series, where: WhereOf, first_row: int) -> LabelsError:
        place = int((~labels.is_in(self._old_as(labels.dtype).implode())).arg_max() or 0)
        row = first_row + place
        return no_such_class(f"{labels[place]!r} in row {row} ({where(row)})", len(self.classes), self.names)


def distinct(labels: pl.Series) -> npt.NDArray[Any]:
    """The different labels of a column, missing ones left out."""
    labels = _without_nan(labels)
    some = labels.drop_nulls() if labels.null_count() else labels
    if some.dtype.is_integer() and len(some):
        values = some.to_numpy()
        least, most = int(values.min()), int(values.max())
        if most - least < _NARROW and most < 2**63:
            return least + np.flatnonzero(np.bincount(values.astype(np.int64, copy=False) - least))
    unique = some.unique()
    return unique.to_numpy() if unique.dtype.is_numeric() else column_values(unique.to_list())


def _without_nan(labels: pl.Series) -> pl.Series:
    """What is no number is a label that is missing."""
    return labels.fill_nan(None) if labels.dtype.is_float() else labels
