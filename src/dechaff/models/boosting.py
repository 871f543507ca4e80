"""Histogram gradient-boosted trees, and extremely randomised ones, which are robust to wrong labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from dechaff.models.estimator import FittedEstimator
from dechaff.models.model import Matrix, Probabilities, TrainingRows

MAX_TREES = 1_500
"""Most trees per fit. Each round grows one tree per class, so many classes get fewer rounds."""
MAX_CELLS = 20_000_000
"""Rows x columns x classes up to which all rounds are grown; larger tables get fewer, at least a quarter."""


@dataclass(frozen=True)
class Boosting:
    """Strongly regularised boosted trees, so that wrong labels are not memorised.

    Trees have ``leaves`` leaves, half as many below ``rows_for_leaves`` rows.

    Source
    ------
    Friedman (2001), Annals of Statistics 29; scikit-learn's ``HistGradientBoostingClassifier``.
    """

    rounds: int = 60
    leaves: int = 15
    rows_for_leaves: int = 2_000
    learning_rate: float = 0.1
    rows_in_leaf: int = 20

    def learn(self, rows: TrainingRows, *, seed: int) -> BoostedTrees:
        """Fit on all rows, without early stopping."""
        from sklearn.ensemble import HistGradientBoostingClassifier

        rounds = self._rounds(rows.matrix.shape, 1 if rows.n_classes == 2 else rows.n_classes)
        categorical = getattr(rows.encoding, "categorical", None)
        trees = HistGradientBoostingClassifier(
            max_iter=rounds,
            max_leaf_nodes=self.leaves if len(rows.codes) >= self.rows_for_leaves else self.leaves // 2,
            learning_rate=self.learning_rate * (self.rounds / rounds) ** 0.5,
            min_samples_leaf=max(2, min(self.rows_in_leaf, len(rows.codes) // 20)),
            l2_regularization=1.0,
            early_stopping=False,
            categorical_features=categorical if categorical is not None and categorical.any() else None,
            random_state=seed,
        )
        trees.fit(_without_empty_columns(rows.matrix), rows.codes, sample_weight=rows.weight)
        return BoostedTrees(trees)

    def _rounds(self, shape: tuple[int, ...], trees_per_round: int) -> int:
        affordable = min(MAX_TREES, int(self.rounds * MAX_CELLS / max(1, shape[0] * shape[1]))) // trees_per_round
        return max(15, min(self.rounds, affordable))


@dataclass(frozen=True)
class BoostedTrees:
    """Trees fitted by scikit-learn."""

    trees: Any

    def probs(self, matrix: Matrix) -> Probabilities:
        """(m, k) probabilities of the classes, in the order of their codes."""
        return np.asarray(self.trees.predict_proba(matrix), dtype=np.float64)


def _without_empty_columns(matrix: Matrix) -> Matrix:
    """Columns without any value become 0, because scikit-learn cannot bin them."""
    empty = np.isnan(matrix).all(axis=0)
    return np.where(empty, 0.0, matrix) if empty.any() else matrix


NAME = "extremely randomised trees"
FEATURES_TRIED = 40
"""Most columns tried per split."""


@dataclass(frozen=True)
class RandomTrees:
    """Trees with random split points and at least ``rows_in_leaf`` rows per leaf.

    Source
    ------
    Geurts, Ernst, Wehenkel (2006), Machine Learning 63. Differs: large leaves, and all columns are tried at each split.
    With 20 % wrong labels, 200 such trees ranked the wrong labels better than boosted trees on six small tables.
    """

    trees: int = 100
    rows_in_leaf: int = 5

    def learn(self, rows: TrainingRows, *, seed: int) -> FittedEstimator:
        """Grow the trees."""
        from sklearn.ensemble import ExtraTreesClassifier

        forest = ExtraTreesClassifier(
            self.trees,
            min_samples_leaf=max(1, min(self.rows_in_leaf, len(rows.codes) // 20)),
            max_features=min(FEATURES_TRIED, rows.matrix.shape[1]),
            random_state=seed,
        )
        forest.fit(rows.matrix, rows.codes, sample_weight=rows.weight)
        return FittedEstimator(forest, NAME, rows.n_classes)
