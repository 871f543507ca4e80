"""The rows of each class, together, and their number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from dechaff.core.fold import SumFold
from dechaff.typing import Chunk, Labels, Mask, Rows


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
