"""The rows that a rule can flag at all, and what the rules need to know of the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_labels_and_probs, check_rows, check_shapes
from dechaff.core.kernels.given_sums import GivenSums, given_sums
from dechaff.core.kernels.row_classes import row_classes
from dechaff.methods.label_errors.argmax_rule import SLACK
from dechaff.typing import Labels, Mask, Probs


@dataclass(frozen=True)
class Candidates:
    """Labels and probabilities with what one pass over them shows."""

    labels: Labels
    probs: Probs
    given: npt.NDArray[Any]
    """(n,) probability of each given label."""
    doubted: Mask
    """(n,) the rows of which the model prefers another class; no other row is ever flagged."""
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
    """The probability of each given label, in the pass that looks at the labels; the other numbers are not looked at.

    Where a label is no class or a probability none, it is said which.
    """
    labels, probs = check_shapes(labels, probs)
    picked = given_sums(labels, probs)
    if not picked.fine:
        check_labels_and_probs(labels, probs)
    return labels, probs, picked
