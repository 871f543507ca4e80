"""Values as codes, so that arrays of any kind are compared as integers; the rows of each code, and their number."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from dechaff.core.fold import SumFold
from dechaff.typing import Chunk, Labels, Mask, Rows

Codes = npt.NDArray[np.int64]
_LARGEST = 2**62
"""Codes of several columns are put together into one number until it would be larger."""


def factorize(values: npt.NDArray[Any]) -> Codes:
    """A code for each value: equal values, equal codes; NaN equals NaN.

    Numbers are coded in their order, other values in the order of their first appearance (hashing, not
    sorting: text columns are long).

    Parameters
    ----------
    values : (n,) array of numbers, or of hashable objects such as strings

    Returns
    -------
    (n,) int64, 0 … number of distinct values - 1

    Examples
    --------
    >>> factorize(np.array(["b", "a", "b"], dtype=object))
    array([0, 1, 0])
    >>> factorize(np.array([2.5, float("nan"), -1.0, float("nan")]))
    array([1, 2, 0, 2])
    """
    if values.dtype.kind in "fiub":
        return np.unique(values, return_inverse=True)[1].astype(np.int64)
    return factorize_objects(values.tolist())


def factorize_objects(values: Iterable[object]) -> Codes:
    """The same, for hashable Python objects in the order of their first appearance."""
    seen: dict[object, int] = {}
    return np.array([seen.setdefault(value, len(seen)) for value in values], dtype=np.int64)


def combine_codes(columns: Sequence[Codes], n_rows: int) -> Codes:
    """One code per row: two rows have the same code if, and only if, they agree in all columns.

    Parameters
    ----------
    columns : arrays of codes, each (n,) int64 and not negative
    n_rows : number of rows, for the case of no columns (all rows are equal then)

    Examples
    --------
    >>> combine_codes([np.array([0, 0, 1, 0]), np.array([1, 1, 1, 0])], 4)
    array([1, 1, 2, 0])
    """
    if not n_rows or not columns:
        return np.zeros(n_rows, dtype=np.int64)
    return _following(combined_keys(columns, n_rows))


def combined_keys(columns: Sequence[Codes], n_rows: int) -> Codes:
    """The same as numbers that need not follow one another: enough to sort and compare rows, for less work.

    Examples
    --------
    >>> combined_keys([np.array([0, 0, 1, 0]), np.array([1, 1, 1, 0])], 4)
    array([1, 1, 3, 0])
    """
    keys, most = np.zeros(n_rows, dtype=np.int64), 1
    for column in columns:
        width = int(column.max(initial=0)) + 1
        if most > _LARGEST // width:
            keys = _following(keys)
            most = int(keys.max(initial=0)) + 1
        keys, most = keys * width + column, most * width
    return keys


def _following(keys: Codes) -> Codes:
    """The same keys, not negative, as 0 … k-1 in their order."""
    most = int(keys.max(initial=0))
    if most > 4 * len(keys):
        return np.unique(keys, return_inverse=True)[1].astype(np.int64)
    held = np.zeros(most + 1, dtype=bool)  # small numbers need no sorting
    held[keys] = True
    return (np.cumsum(held) - 1)[keys]


@dataclass(frozen=True)
class ClassRows:
    """Row numbers class by class, ascending in each."""

    order: Rows
    starts: npt.NDArray[np.int64]
    """(k + 1,) where each class begins in `order`."""

    def of(self, code: int) -> Rows:
        """The rows of one class."""
        return self.order[self.starts[code] : self.starts[code + 1]]


def class_rows(labels: Labels, n_classes: int) -> ClassRows:
    """The rows of each of the classes 0 … n_classes - 1.

    Examples
    --------
    >>> import numpy as np
    >>> class_rows(np.array([1, 0, 1]), 2).of(1)
    array([0, 2])
    """
    counts = np.bincount(labels, minlength=n_classes)
    # numpy sorts integers of one or two bytes by counting, ten times faster than longer ones.
    keys = labels.astype(code_type(n_classes))
    return ClassRows(np.argsort(keys, kind="stable"), np.concatenate([[0], np.cumsum(counts)]))


def mean_ranks(counts: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """(v,) rank of each distinct value, from 1, in ascending order, by how often it occurs: equal ones share the mean.

    Examples
    --------
    >>> mean_ranks(np.array([1, 3, 1]))
    array([1., 3., 5.])
    """
    return np.asarray(np.cumsum(counts) - (counts - 1) / 2)


def code_type(n_codes: int) -> np.dtype[Any]:
    """The smallest type of the codes 0 … n_codes - 1.

    Examples
    --------
    >>> code_type(256), code_type(257)
    (dtype('uint8'), dtype('uint16'))
    """
    return np.min_scalar_type(max(0, n_codes - 1))


def marked_counts(labels: Labels, marks: Mask, n_classes: int) -> npt.NDArray[np.int64]:
    """(k,) marked rows of each class, counted without selecting them: selection by an unpredictable mask is slow.

    Examples
    --------
    >>> marked_counts(np.array([0, 2, 2]), np.array([False, True, True]), 3)
    array([0, 0, 2])
    """
    return np.bincount(2 * labels + marks, minlength=2 * n_classes)[1::2]


@dataclass(frozen=True)
class ClassCounts(SumFold[npt.NDArray[np.int64]]):
    """The fold that counts the labels of each class."""

    n_classes: int
    columns: ClassVar[tuple[str, ...]] = ("labels",)

    def init(self) -> npt.NDArray[np.int64]:
        """No rows."""
        return np.zeros(self.n_classes, dtype=np.int64)

    def update(self, state: npt.NDArray[np.int64], chunk: Chunk) -> npt.NDArray[np.int64]:
        """Counts the chunk's labels."""
        return state + np.bincount(chunk["labels"], minlength=self.n_classes)
