"""Rows of which the model prefers another class than the given one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from dechaff.checks import check_labels_and_probs
from dechaff.core.kernels.row_classes import other_ahead
from dechaff.typing import Chunk, Labels, Mask, Probs

SLACK = 1e-6
"""How far another class must be ahead: probabilities that are the same but for rounding prefer none."""


@dataclass(frozen=True)
class PrefersAnother:
    """The row map behind `prune_by_argmax`."""

    columns: ClassVar[tuple[str, ...]] = ("labels", "probs")

    def rows(self, chunk: Chunk) -> Mask:
        """Whether another class is ahead of each given label; of equals, the first class is."""
        return other_ahead(chunk["labels"], chunk["probs"], slack=SLACK)


def prune_by_argmax(labels: Labels, probs: Probs) -> Mask:
    """Rows whose given label is not the model's most probable class.

    The bluntest rule: it takes every mistake of the model for one of the labels. Every other rule flags some of
    these rows and no others.

    Parameters
    ----------
    labels : (n,) int, 0 … k-1
        Given labels; may be wrong.
    probs : (n, k) float, rows sum to 1
        Out-of-sample probabilities. In-sample ones hide errors.

    Returns
    -------
    (n,) bool

    Source
    ------
    Northcutt, Jiang, Chuang (2021), JAIR 70, the baseline "argmax"; with cleanlab's slack of a millionth.

    Examples
    --------
    >>> import numpy as np
    >>> prune_by_argmax(np.array([0, 0]), np.array([[0.9, 0.1], [0.4, 0.6]]))
    array([False,  True])
    """
    labels, probs = check_labels_and_probs(labels, probs)
    return PrefersAnother().rows({"labels": labels, "probs": probs})
