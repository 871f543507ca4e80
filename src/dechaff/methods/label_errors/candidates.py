"""The rows that a rule can flag at all, and what the rules need to know of the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_labels_and_probs
from dechaff.core.over_arrays import map_together
from dechaff.methods.label_errors.argmax_rule import PrefersAnother
from dechaff.methods.label_errors.self_confidence import SelfConfidence
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

    @property
    def n_classes(self) -> int:
        """Columns of the probabilities."""
        return int(self.probs.shape[1])

    @property
    def class_counts(self) -> npt.NDArray[np.int64]:
        """(k,) rows given each label."""
        return np.bincount(self.labels, minlength=self.n_classes)


def find_candidates(labels: Labels, probs: Probs) -> Candidates:
    """The rows that can be flagged, from labels and probabilities that are checked here."""
    labels, probs = check_labels_and_probs(labels, probs)
    given, doubted = map_together([SelfConfidence(), PrefersAnother()], labels=labels, probs=probs)
    return Candidates(labels, probs, given, doubted)
