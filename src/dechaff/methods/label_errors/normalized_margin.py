"""Doubt in a label by how far the best other class is ahead of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_labels_and_probs
from dechaff.core.over_arrays import map_arrays
from dechaff.core.row_max import row_max
from dechaff.methods.label_errors.self_confidence import SelfConfidence
from dechaff.typing import Chunk, Labels, Probs, Score


@dataclass(frozen=True)
class BestOther:
    """The row map that picks the largest probability of a class that was not given."""

    columns: ClassVar[tuple[str, ...]] = ("labels", "probs")

    def rows(self, chunk: Chunk) -> npt.NDArray[Any]:
        """The best other class's probability, as precise as the probabilities are."""
        others = chunk["probs"].copy()
        others[np.arange(len(others)), chunk["labels"]] = -np.inf
        return row_max(others)


@dataclass(frozen=True)
class MarginDoubt:
    """The row map behind `margin_doubt`."""

    columns: ClassVar[tuple[str, ...]] = ("labels", "probs")

    def rows(self, chunk: Chunk) -> Score:
        """Half of one plus the best other class's lead over each given label."""
        given = SelfConfidence().rows(chunk).astype(np.float64)
        return np.asarray((1 + BestOther().rows(chunk) - given) / 2)


def margin_doubt(labels: Labels, probs: Probs) -> Score:
    """Doubt in each given label: the margin of the most probable other class, brought to [0, 1].

    Unlike `self_doubt` it separates a row in which one other class is likely (an error) from one in which many classes
    are slightly likely (a hard row).

    Parameters and errors as in `confident_joint`.

    Returns
    -------
    (n,) float in [0, 1]
        Higher = look at this row first; above .5 another class is more probable.

    Source
    ------
    Northcutt, Jiang, Chuang (2021), JAIR 70, normalised margin. Differs: one minus it, so that higher is worse.

    Examples
    --------
    >>> margin_doubt(np.array([0, 0]), np.array([[0.4, 0.6, 0.0], [0.4, 0.3, 0.3]])).round(3)
    array([0.6 , 0.45])
    """
    labels, probs = check_labels_and_probs(labels, probs)
    return map_arrays(MarginDoubt(), labels=labels, probs=probs)
