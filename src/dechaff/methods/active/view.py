"""What a strategy sees of the pool and of the rows that are labelled already."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dechaff.errors import InputError
from dechaff.typing import Features, Probs, Rows


@dataclass(frozen=True)
class PoolView:
    """Rows without labels as numbers that can be compared by distance, and what a model says of them.

    ``probs`` is None as long as there are too few labels for a model.
    """

    features: Features
    """(n, d) of the pool."""
    labelled: npt.NDArray[np.float64]
    """(m, d) of the rows that have labels."""
    probs: Probs | None = None
    """(n, k) of the pool, by a model of the labelled rows."""

    @property
    def known_probs(self) -> Probs:
        """The probabilities, for a strategy that cannot do without."""
        if self.probs is None:
            fix = "Label some rows of each class first, pass probs, or choose a strategy that needs no model."
            raise InputError("strategy", "need no model as long as there is none", "one that ranks by uncertainty", fix)
        return self.probs

    def take(self, rows: Rows) -> PoolView:
        """The same of some rows of the pool."""
        return PoolView(self.features[rows], self.labelled, None if self.probs is None else self.probs[rows])


def squared_distances(left: npt.NDArray[np.float64], right: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(n, m) squared Euclidean distances."""
    lengths = np.einsum("ij,ij->i", left, left)[:, None] + np.einsum("ij,ij->i", right, right)
    return np.asarray(np.maximum(lengths - 2 * left @ right.T, 0.0))
