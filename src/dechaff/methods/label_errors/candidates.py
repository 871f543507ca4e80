"""The rows in which the model prefers another class than the given one: no other row can be flagged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_labels_and_probs, check_rows, check_shapes
from dechaff.core.kernels.given_sums import GivenSums, given_sums
from dechaff.core.kernels.row_classes import other_ahead, row_classes
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

    Parameters and errors as in `confident_joint`.

    Returns
    -------
    (n,) bool

    Source
    ------
    Northcutt, Jiang, Chuang (2021), JAIR 70, the baseline "argmax"; with cleanlab's slack of a millionth.

    Examples
    --------
    >>> prune_by_argmax(np.array([0, 0]), np.array([[0.9, 0.1], [0.4, 0.6]]))
    array([False,  True])
    """
    labels, probs = check_labels_and_probs(labels, probs)
    return PrefersAnother().rows({"labels": labels, "probs": probs})


@dataclass(frozen=True)
class Candidates:
    """Labels and probabilities with what one pass over them shows."""

    labels: Labels
    probs: Probs
    given: npt.NDArray[Any]
    """(n,) probability of each given label."""
    doubted: Mask
    """(n,) whether the model prefers another class; no other row is ever flagged."""
    class_counts: npt.NDArray[np.int64]
    """(k,) rows given each label."""

    @property
    def n_classes(self) -> int:
        """Columns of the probabilities."""
        return int(self.probs.shape[1])


def find_candidates(labels: Labels, probs: Probs) -> Candidates:
    """The rows that can be flagged, from labels and probabilities that are checked here."""
    labels, probs, picked = picked_and_checked(labels, probs)
    none_reached = np.full(probs.shape[1], np.inf, dtype=probs.dtype)
    seen = row_classes(labels, probs, none_reached, slack=SLACK, of_reached=True)
    if not seen.fine:
        check_rows(probs)
    return Candidates(labels, probs, picked.given, seen.ahead, picked.rows)


def picked_and_checked(labels: Labels, probs: Probs) -> tuple[Labels, Probs, GivenSums]:
    """Labels and probabilities, and the probability of each given label, from one pass over the labels.

    Labels without a column, and probabilities of given labels outside [0, 1], raise an error that names the row.
    """
    labels, probs = check_shapes(labels, probs)
    picked = given_sums(labels, probs)
    if not picked.fine:
        check_labels_and_probs(labels, probs)
    return labels, probs, picked
