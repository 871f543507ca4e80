"""Doubt in a label by the probability that the model gives it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_labels_and_probs
from dechaff.core.over_arrays import map_arrays
from dechaff.core.picked import picked
from dechaff.typing import Chunk, Labels, Probs, Score


@dataclass(frozen=True)
class SelfConfidence:
    """The row map that picks the probability of each given label, as precise as the probabilities are."""

    columns: ClassVar[tuple[str, ...]] = ("labels", "probs")

    def rows(self, chunk: Chunk) -> npt.NDArray[Any]:
        """The probability of each given label."""
        return picked(chunk["probs"], np.arange(len(chunk["labels"])), chunk["labels"])


@dataclass(frozen=True)
class SelfDoubt:
    """The row map behind `self_doubt`."""

    columns: ClassVar[tuple[str, ...]] = ("labels", "probs")

    def rows(self, chunk: Chunk) -> Score:
        """One minus the probability of each given label."""
        return np.asarray(1 - SelfConfidence().rows(chunk).astype(np.float64))


def self_doubt(labels: Labels, probs: Probs) -> Score:
    """Doubt in each given label: one minus the probability that the model gives it.

    Parameters and errors as in `confident_joint`.

    Returns
    -------
    (n,) float in [0, 1]
        Higher = look at this row first.

    Source
    ------
    Northcutt, Jiang, Chuang (2021), JAIR 70, self-confidence. Differs: one minus it, so that higher is worse.

    Examples
    --------
    >>> self_doubt(np.array([0, 1]), np.array([[0.9, 0.1], [0.8, 0.2]])).round(3)
    array([0.1, 0.8])
    """
    labels, probs = check_labels_and_probs(labels, probs)
    return map_arrays(SelfDoubt(), labels=labels, probs=probs)
