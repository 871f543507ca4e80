"""How much each column of a table matters to a forest on rows that it did not see, and how stable its selection is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.core.table import Column
from dechaff.estimators.features.forest import JUDGED, forest_importance, forest_matrix
from dechaff.methods.features.grouped_importance import (
    Importance,
    correlated_groups,
    grouped_importance,
    mean_importance,
)
from dechaff.methods.features.selection_frequency import selection_frequency
from dechaff.methods.features.shadow_test import LEAST_ROUNDS, shadow_test
from dechaff.typing import Labels

MOST_ROWS = 2000
N_TREES, PAIRS = 50, 5


@dataclass(frozen=True)
class ColumnImportance:
    """Growth of the log-loss of held-out rows if the column is shuffled, together with those that it correlates with.

    ``stability`` is the fraction of random halves of the rows on which the column is selected.
    """

    importance: Importance
    alike: tuple[str, ...]
    stability: float


def held_out_importance(
    columns: Sequence[Column], labels: Labels, *, rate: float = 0.05, pairs: int = PAIRS, seed: int = 0
) -> Mapping[str, ColumnImportance]:
    """Column -> its importance, for columns of numbers, dates and categories.

    Parameters
    ----------
    columns : n rows each
    labels : (n,) int, 0 … k-1, or -1 if missing
    rate : bound of the false discovery rate of the selection on each half
    pairs : the rows are cut into two halves so many times
    seed : of the rows, at most 2000, the halves and the forests

    Source
    ------
    As `grouped_importance` in two-fold cross-fitting, and `selection_frequency`.
    """
    judged = [column for column in columns if column.kind in JUDGED]
    known, random = np.flatnonzero(labels >= 0), np.random.default_rng([seed, 1])
    rows = random.permutation(known)[:MOST_ROWS]
    if not judged or len(rows) < 4:
        return {}
    features, given = forest_matrix(judged)[rows], labels[rows]
    groups = correlated_groups(features)
    members = [np.flatnonzero(groups == one).tolist() for one in range(int(groups.max()) + 1)]
    growth = [np.concatenate(both) for both in zip(*_cross_fitted(features, given, members, seed), strict=True)]

    def select(half: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        test = shadow_test(
            features[half], given[half], forest_importance, rate=rate, most_rounds=LEAST_ROUNDS, seed=seed
        )
        return test.relevant

    stability = selection_frequency(select, len(rows), pairs=pairs, seed=seed)
    found = {}
    for at, column in enumerate(judged):
        group = int(groups[at])
        alike = tuple(judged[other].name for other in members[group] if other != at)
        found[column.name] = ColumnImportance(mean_importance(growth[group]), alike, float(stability[at]))
    return found


def _cross_fitted(
    features: npt.NDArray[np.float64], labels: Labels, groups: list[list[int]], seed: int
) -> list[list[npt.NDArray[np.float64]]]:
    """For each half of the rows, the growth of the losses of a forest of the other half, one array a group."""
    from sklearn.ensemble import ExtraTreesClassifier

    found = []
    for half in (0, 1):
        held_out = np.arange(len(labels)) % 2 == half
        forest: Any = ExtraTreesClassifier(N_TREES, min_samples_leaf=3, max_features=0.5, random_state=seed)
        forest.fit(features[~held_out], labels[~held_out])
        found.append(grouped_importance(features[held_out], groups, _Losses(forest, labels[held_out]), seed=seed))
    return found


@dataclass(frozen=True)
class _Losses:
    """Log-losses of rows of known labels, smoothed as if one tree more had guessed."""

    forest: Any
    labels: Labels

    def __call__(self, rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        probs, classes = self.forest.predict_proba(rows), self.forest.classes_
        k = len(classes)
        at = np.minimum(np.searchsorted(classes, self.labels), k - 1)
        given = np.where(classes[at] == self.labels, probs[np.arange(len(rows)), at], 0.0)
        return np.asarray(-np.log((given * N_TREES + 1 / k) / (N_TREES + 1)))
