"""Probabilities moved by how sure the model is of each class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from dechaff.checks import check_labels_and_probs
from dechaff.core.over_arrays import map_arrays
from dechaff.methods.label_errors.confident_thresholds import confident_thresholds
from dechaff.typing import Chunk, ClassVector, Labels, Probs


@dataclass(frozen=True)
class AdjustedProbs:
    """The row map behind `adjusted_probs`."""

    thresholds: ClassVector
    columns: ClassVar[tuple[str, ...]] = ("probs",)

    def rows(self, chunk: Chunk) -> Probs:
        """Probabilities less their thresholds, brought back above zero and to a sum of one."""
        known = np.isfinite(self.thresholds)
        raised = np.where(known, self.thresholds[known].max(initial=0.0) - np.where(known, self.thresholds, 0.0), 0.0)
        adjusted = chunk["probs"] + raised
        return np.asarray(adjusted / adjusted.sum(axis=1, keepdims=True))


def adjusted_probs(labels: Labels, probs: Probs) -> Probs:
    """Probabilities that mean the same in every class, for the scores of doubt.

    A model may give .9 to every row of one class and .5 to every row of another. The difference between the highest
    confident threshold and that of a class is added to its probabilities, so that no class looks doubtful for that
    reason alone.

    Parameters and errors as in `confident_joint`.

    Returns
    -------
    (n, k) float, rows sum to 1
        ``(p_j - t_j + max t) / sum``; a class that no row is labelled with has no threshold, and gains nothing.

    Source
    ------
    Northcutt, Jiang, Chuang (2021), JAIR 70, thresholds of equation 2; the adjustment as in cleanlab 2.9,
    ``adjust_pred_probs``. Differs: cleanlab gives a class without rows the threshold 2, which is then the highest
    and makes the scores of all rows nearly equal.

    Examples
    --------
    >>> adjusted_probs(np.array([0, 1]), np.array([[0.9, 0.1], [0.5, 0.5]])).round(3)
    array([[0.643, 0.357],
           [0.357, 0.643]])
    """
    labels, probs = check_labels_and_probs(labels, probs)
    return map_arrays(AdjustedProbs(confident_thresholds(labels, probs)), probs=probs)
