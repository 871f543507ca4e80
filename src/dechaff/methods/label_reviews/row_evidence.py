"""What the probabilities say of each row beside the score: how little they believe the label, and how sure they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from dechaff.checks import check_labels_and_probs
from dechaff.core.over_arrays import map_arrays
from dechaff.typing import Chunk, Features, Labels, Probs

_LEAST = 1e-4
"""Smaller probabilities count as this: no model of some thousand rows knows them."""


@dataclass(frozen=True)
class RowEvidence:
    """The row map behind `row_evidence`."""

    columns: ClassVar[tuple[str, ...]] = ("labels", "probs")

    def rows(self, chunk: Chunk) -> Features:
        """Log-odds against the label, and entropy in units of its maximum, of each row of the chunk."""
        labels, probs = chunk["labels"], np.clip(chunk["probs"], _LEAST, 1 - _LEAST)
        given = probs[np.arange(len(labels)), labels]
        entropy = -(probs * np.log(probs)).sum(axis=1) / np.log(probs.shape[1])
        return np.stack([np.log1p(-given) - np.log(given), entropy], axis=1)


def row_evidence(labels: Labels, probs: Probs) -> Features:
    """Two numbers a row that reviews may find telling: log-odds of self-doubt, and the entropy of the probabilities.

    Parameters
    ----------
    labels : (n,) int, 0 … k-1
        Given labels; may be wrong.
    probs : (n, k) float, rows sum to 1
        Out-of-sample probabilities.

    Returns
    -------
    (n, 2) float

    Raises
    ------
    InputError
        Where `labels` and `probs` differ in length, a label has no column, or a row is no distribution.

    Source
    ------
    Northcutt, Jiang, Chuang (2021), JAIR 70, self-confidence and entropy.

    Examples
    --------
    >>> row_evidence(np.array([0, 0]), np.array([[0.5, 0.5], [0.9, 0.1]])).round(2)
    array([[ 0.  ,  1.  ],
           [-2.2 ,  0.47]])
    """
    labels, probs = check_labels_and_probs(labels, probs)
    evidence: Features = map_arrays(RowEvidence(), labels=labels, probs=probs)
    return evidence
