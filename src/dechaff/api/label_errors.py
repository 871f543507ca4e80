"""``find_label_errors``: which labels are wrong, given what a model says of each row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy.typing as npt

from dechaff.checks import check_labels_and_probs
from dechaff.methods.label_errors.judged_labels import JudgedLabels, judge_labels
from dechaff.typing import ClassMatrix, Mask, Score


@dataclass(frozen=True)
class LabelErrors:
    """What is wrong with n labels."""

    judged: JudgedLabels

    @property
    def score(self) -> Score:
        """(n,) probability that the label is wrong; higher = look at this row first."""
        return self.judged.score

    @property
    def flag(self) -> Mask:
        """(n,) the likely errors."""
        return self.judged.flag

    @property
    def suggested(self) -> npt.NDArray[Any]:
        """(n,) the most probable other label."""
        return self.judged.suggested

    @property
    def noise_matrix(self) -> ClassMatrix:
        """(k, k) p(given = row | true = column)."""
        return self.judged.transition


def find_label_errors(labels: npt.ArrayLike, probs: npt.ArrayLike) -> LabelErrors:
    """The rows whose given label is probably wrong, and what the right one would be.

    Parameters
    ----------
    labels : (n,) int, 0 … k-1
        Given labels; may be wrong.
    probs : (n, k) float, rows sum to 1
        Out-of-sample probabilities. In-sample ones hide errors.

    Returns
    -------
    LabelErrors

    Raises
    ------
    InputError
        Where `labels` and `probs` differ in length, a label has no column, or a row is no distribution.

    Examples
    --------
    >>> import dechaff, numpy as np
    >>> labels, probs = np.repeat([0, 1], 50), np.repeat([[0.9, 0.1], [0.1, 0.9]], 50, axis=0)
    >>> labels[:5] = 1
    >>> found = dechaff.find_label_errors(labels, probs)
    >>> np.flatnonzero(found.flag), found.suggested[:5]
    (array([0, 1, 2, 3, 4]), array([0, 0, 0, 0, 0]))
    """
    return LabelErrors(judge_labels(*check_labels_and_probs(labels, probs)))
