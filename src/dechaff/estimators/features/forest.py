"""Columns as numbers for a forest, how much a forest uses each, and how well it predicts rows that it did not see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.core.codes import factorize, mean_ranks
from dechaff.core.table import Column, Kind
from dechaff.typing import Figures, Labels, Numbers

JUDGED: tuple[Kind, ...] = ("numeric", "categorical", "datetime")
"""Kinds of columns that a forest reads as one number; texts and images are not judged."""
_DEPTH, _LEAF, _FRACTION = 7, 3, 0.3
_LEAST_TREES = 10
_HELD_OUT_TREES = 100


def forest_matrix(columns: Sequence[Column]) -> npt.NDArray[np.float64]:
    """(n, d) in float32: the ranks of numbers, categories by their frequency; missing cells come before all others."""
    if not columns:
        return np.zeros((0, 0), dtype=np.float32)
    return np.stack([_as_numbers(column) for column in columns], axis=1).astype(np.float32)


def _as_numbers(column: Column) -> npt.NDArray[np.float64]:
    codes = factorize(column.values)
    if column.kind == "categorical":
        counts = np.bincount(codes)
        order = np.empty(len(counts), dtype=np.int64)
        order[np.argsort(-counts, kind="stable")] = np.arange(len(counts))
        return np.where(column.missing, -1.0, order[codes])
    counts = np.bincount(codes[~column.missing], minlength=int(codes.max(initial=0)) + 1)
    return np.where(column.missing, -len(codes) / 10, mean_ranks(counts)[codes])


def forest_importance(features: npt.NDArray[np.float64], labels: Labels, seed: int) -> Figures:
    """(d,) how much the splits of shallow, extremely randomised trees on each column tell of the label.

    Source
    ------
    Geurts, Ernst, Wehenkel (2006), Extremely randomized trees; mean decrease of impurity: Breiman (2001).
    """
    from sklearn.ensemble import ExtraTreesClassifier

    n_trees = _LEAST_TREES + int(2 * np.sqrt(features.shape[1]))
    forest: Any = ExtraTreesClassifier(
        n_trees, max_depth=_DEPTH, min_samples_leaf=_LEAF, max_features=_FRACTION, random_state=seed
    )
    return np.asarray(forest.fit(features, labels).feature_importances_)


def held_out_losses(features: npt.NDArray[np.float64], labels: Labels, seed: int) -> Numbers:
    """(n,) log-loss of each row by the trees of a forest that were not trained on it."""
    from sklearn.ensemble import ExtraTreesClassifier

    forest: Any = ExtraTreesClassifier(
        _HELD_OUT_TREES,
        min_samples_leaf=_LEAF,
        max_features=_FRACTION,
        bootstrap=True,
        oob_score=_unused,
        random_state=seed,
    )
    with np.errstate(all="ignore"):
        probs = np.nan_to_num(forest.fit(features, labels).oob_decision_function_)
    k, weight = probs.shape[1], _HELD_OUT_TREES * np.exp(-1)
    given = probs[np.arange(len(labels)), np.unique(labels, return_inverse=True)[1]]
    return np.asarray(-np.log((given * weight + 1 / k) / (weight + 1)))


def _unused(labels: npt.NDArray[Any], predicted: npt.NDArray[Any]) -> float:
    """In place of the accuracy, which would be worked out and warn if a row was never held out."""
    return 0.0
