"""Rows in the form that they come in, and the part of them that operations change: numbers, texts or images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import narwhals.stable.v1 as nw
import numpy as np
import numpy.typing as npt
from scipy.sparse import issparse

from dechaff.errors import InputError
from dechaff.methods.augmentation.operation import Kind


class ChangeableRows(Protocol):
    """How rows of some form are changed."""

    @property
    def kind(self) -> Kind:
        """What operations change."""

    def part(self, X: Any) -> npt.NDArray[Any]:
        """The part of n rows that operations change."""

    def filled(self, X: Any, part: npt.NDArray[Any]) -> Any:
        """The same rows with another such part."""

    def joined(self, parts: Sequence[Any]) -> Any:
        """The rows of all parts, one below the other."""


@dataclass(frozen=True)
class ArrayRows:
    """Rows of an array or a list: numbers (n, d), texts (n,), or images, which may be flat."""

    kind: Kind
    image_shape: tuple[int, ...] | None = None

    def part(self, X: Any) -> npt.NDArray[Any]:
        """The whole rows."""
        if self.kind == "text":
            return np.array(list(X), dtype=object)
        array = np.asarray(X)
        if self.kind == "table":
            return array.astype(np.float64)
        return array if self.image_shape is None else array.reshape(len(array), *self.image_shape)

    def filled(self, X: Any, part: npt.NDArray[Any]) -> Any:
        """The changed rows in the form of X."""
        if isinstance(X, list):
            return list(part)
        return part.reshape(len(part), *np.asarray(X).shape[1:])

    def joined(self, parts: Sequence[Any]) -> Any:
        """One list, or one array."""
        if isinstance(parts[0], list):
            return [row for part in parts for row in part]
        return np.concatenate(parts)


@dataclass(frozen=True)
class FrameRows:
    """Rows of a data frame of which the numeric columns are changed; whole numbers stay whole."""

    columns: tuple[str, ...]
    kind: Kind = "table"

    def part(self, X: Any) -> npt.NDArray[Any]:
        """The numeric columns (n, d)."""
        frame = nw.from_native(X, eager_only=True)
        return np.column_stack([frame[name].cast(nw.Float64).to_numpy() for name in self.columns]).astype(np.float64)

    def filled(self, X: Any, part: npt.NDArray[Any]) -> Any:
        """The frame with other numbers."""
        frame = nw.from_native(X, eager_only=True)
        changed = []
        for name, values in zip(self.columns, part.T, strict=True):
            whole = frame[name].dtype.is_integer()
            cells = [None if np.isnan(one) else (round(one) if whole else float(one)) for one in values.tolist()]
            column = nw.new_series(name, cells, dtype=frame[name].dtype, backend=nw.get_native_namespace(frame))
            changed.append(column)
        kept = {name: frame[name] for name in frame.columns} | {one.name: one for one in changed}
        return nw.from_dict(kept, backend=nw.get_native_namespace(frame)).to_native()

    def joined(self, parts: Sequence[Any]) -> Any:
        """One frame."""
        return nw.concat([nw.from_native(part, eager_only=True) for part in parts], how="vertical").to_native()


def changeable_rows(X: Any, image_shape: tuple[int, ...] | None = None) -> ChangeableRows | str:
    """How the rows of X are changed, or why there is no operation for them.

    Parameters
    ----------
    X : n rows: array, data frame, list of texts, or images (n, h, w) or (n, h, w, channels)
    image_shape : of each image if X is flat (n, d); else None

    Raises
    ------
    InputError
        If images of this shape do not have as many numbers as X has columns.

    Examples
    --------
    >>> changeable_rows(np.zeros((3, 64)), (8, 8)).kind, changeable_rows(["one text", "another"]).kind
    ('image', 'text')
    >>> changeable_rows(np.array([["a", "b"]]))
    'X has no numbers, texts or images'
    """
    if issparse(X):
        return "X is a sparse matrix; augment the rows before they are encoded, in a pipeline with the encoder"
    if hasattr(X, "columns") and all(isinstance(name, str) for name in X.columns):
        frame = nw.from_native(X, eager_only=True)
        if len(set(frame.columns)) < len(frame.columns):
            return "two columns of X have the same name"
        numeric = tuple(name for name in frame.columns if frame[name].dtype.is_numeric())
        return FrameRows(numeric) if numeric else "no column of X is numeric"
    array = np.asarray(X, dtype=object if _is_texts(X) else None)
    if image_shape is not None and array.shape[1:] != image_shape and int(np.prod(image_shape)) != array[0].size:
        found, fix = f"{array[0].size} columns", "Pass (height, width) or (height, width, channels)."
        raise InputError("image_shape", "have as many numbers as X has columns", f"{image_shape} and {found}", fix)
    if image_shape is not None or array.ndim in (3, 4):
        return ArrayRows("image", image_shape)
    if _is_texts(X):
        return ArrayRows("text")
    return ArrayRows("table") if array.ndim == 2 and array.dtype.kind in "biuf" else "X has no numbers, texts or images"


def _is_texts(X: Any) -> bool:
    return len(X) > 0 and (isinstance(X, list) or np.ndim(X) == 1) and all(isinstance(one, str) for one in X)
