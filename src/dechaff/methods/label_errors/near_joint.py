"""Thresholds and confident joint of honest probabilities, from the near classes of each row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from dechaff.core.kernels.row_classes import pairs_counted
from dechaff.methods.label_errors.confident_thresholds import ConfidentThresholds
from dechaff.methods.label_errors.near_classes import near_probs
from dechaff.typing import Chunk, ClassVector

_SLACK = np.float32(1e-6)


@dataclass(frozen=True)
class NearThresholds:
    """The fold to `confident_thresholds` of honest probabilities."""

    n_classes: int
    power: float
    columns: ClassVar[tuple[str, ...]] = ("labels", "near")
    keyed_by: ClassVar[str | None] = None

    def init(self) -> Any:
        """No rows of any class."""
        return ConfidentThresholds(self.n_classes).init()

    def update(self, state: Any, chunk: Chunk) -> Any:
        """Adds the rows' probabilities of their given labels."""
        near = near_probs(chunk["near"], self.n_classes, self.power)
        given = np.where(near.classes == chunk["labels"], near.probs, 0).sum(axis=0, dtype=np.float64)
        return ConfidentThresholds(self.n_classes).add(state, chunk["labels"], given)

    def merge(self, left: Any, right: Any) -> Any:
        """Adds the sums."""
        return ConfidentThresholds(self.n_classes).merge(left, right)

    def finalize(self, state: Any) -> ClassVector:
        """Means; infinite for a class without rows."""
        return ConfidentThresholds(self.n_classes).finalize(state)


@dataclass(frozen=True)
class NearJoint:
    """The fold to `confident_joint` of honest probabilities, among the near classes of each row."""

    thresholds: ClassVector
    power: float
    columns: ClassVar[tuple[str, ...]] = ("labels", "near")
    keyed_by: ClassVar[str | None] = None

    def init(self) -> npt.NDArray[np.int64]:
        """No pair counted."""
        k = len(self.thresholds)
        return np.zeros((k, k), dtype=np.int64)

    def update(self, state: npt.NDArray[np.int64], chunk: Chunk) -> npt.NDArray[np.int64]:
        """Counts the rows in which some class reaches its threshold."""
        k = len(self.thresholds)
        near = near_probs(chunk["near"], k, self.power)
        reached = near.probs >= (self.thresholds.astype(np.float32) - _SLACK).take(near.classes)
        first = near.classes[reached.argmax(axis=0), np.arange(len(chunk["labels"]))]
        return state + pairs_counted(chunk["labels"], np.where(reached.any(axis=0), first, -1).astype(np.int32), k)

    def merge(self, left: npt.NDArray[np.int64], right: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Adds the counts."""
        return left + right

    def finalize(self, state: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """The counts."""
        return state
