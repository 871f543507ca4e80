"""Rows of each class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from dechaff.core.fold import SumFold
from dechaff.typing import Chunk, Labels, Mask


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
