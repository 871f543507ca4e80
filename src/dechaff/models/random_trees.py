"""Extremely randomised trees: votes of many trees with large leaves, hard to mislead by wrong labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dechaff.models.estimator import FittedEstimator
from dechaff.models.model import Codes, Encoding, Matrix

NAME = "extremely randomised trees"
FEATURES_TRIED = 40
"""Most columns that a split tries."""


@dataclass(frozen=True)
class RandomTrees:
    """Trees that split at random places; at least ``rows_in_leaf`` rows vote in every leaf.

    Source
    ------
    Geurts, Ernst, Wehenkel (2006). Large leaves and all columns tried at each split: with a fifth of the
    labels wrong, such trees (200 of them) ranked the wrong labels better than boosted ones on six small tables.
    """

    trees: int = 100
    rows_in_leaf: int = 5

    def learn(
        self,
        matrix: Matrix,
        codes: Codes,
        encoding: Encoding,
        *,
        seed: int,
        weight: npt.NDArray[np.float64] | None = None,
    ) -> FittedEstimator:
        """Grow the trees, one after the other."""
        from sklearn.ensemble import ExtraTreesClassifier

        forest = ExtraTreesClassifier(
            self.trees,
            min_samples_leaf=max(1, min(self.rows_in_leaf, len(codes) // 20)),
            max_features=min(FEATURES_TRIED, matrix.shape[1]),
            random_state=seed,
        )
        return FittedEstimator(forest.fit(matrix, codes, sample_weight=weight), NAME, int(codes.max()) + 1)
