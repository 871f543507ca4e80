"""Which columns of a table matter for its labels, at a stated false discovery rate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dechaff.core.table import Table
from dechaff.estimators.features.forest import JUDGED, forest_importance, forest_matrix, held_out_losses
from dechaff.methods.features.shadow_test import MOST_ROUNDS, ShadowTest, shadow_test
from dechaff.typing import Labels

MOST_ROWS = 20_000
"""Rows of the one comparison of all columns with the relevant ones."""
_WORSE = 1.645
"""Standard errors by which held-out rows may be predicted worse with the relevant columns alone."""


@dataclass(frozen=True)
class Relevance:
    """The shadow test of the `judged` columns; `names` are the relevant ones.

    ``loss_all`` and ``loss_relevant`` are mean log-losses of held-out rows with all judged columns and with the
    relevant ones, NaN if all are. With ``worse`` the relevant ones alone predict significantly worse, or none is
    relevant: then no column can be called useless.
    """

    judged: tuple[str, ...]
    test: ShadowTest
    loss_all: float = np.nan
    loss_relevant: float = np.nan
    worse: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The relevant columns."""
        return tuple(np.array(self.judged, dtype=object)[self.test.relevant].tolist())

    @property
    def useless(self) -> Mapping[str, float]:
        """The columns that no model misses, with their p-values."""
        if self.worse:
            return {}
        pairs = zip(self.judged, self.test.p_values.tolist(), self.test.relevant.tolist(), strict=True)
        return {name: p_value for name, p_value, relevant in pairs if not relevant}


def find_relevant(
    table: Table,
    labels: Labels,
    names: Sequence[str],
    *,
    rate: float = 0.05,
    most_rounds: int = MOST_ROUNDS,
    seed: int = 0,
) -> Relevance:
    """Tests the columns of some names that are numbers, dates or categories.

    Parameters
    ----------
    table : n rows
    labels : (n,) int, 0 … k-1, or -1 if missing
    names : the columns; texts and images among them are not judged
    rate : bound of the expected fraction of useless columns among those called relevant
    most_rounds, seed : as for `shadow_test`
    """
    columns = [column for column in table.only(names).columns if column.kind in JUDGED]
    known = np.flatnonzero(labels >= 0)
    features, given = forest_matrix(columns)[known] if columns else np.zeros((len(known), 0)), labels[known]
    test = shadow_test(features, given, forest_importance, rate=rate, most_rounds=most_rounds, seed=seed)
    judged = tuple(column.name for column in columns)
    if test.relevant.all():
        return Relevance(judged, test)
    if not test.relevant.any():
        return Relevance(judged, test, worse=True)
    before, after = _compared(features, given, test.relevant, seed)
    growth = after - before
    worse = growth.mean() > _WORSE * growth.std(ddof=1) / np.sqrt(len(growth))
    return Relevance(judged, test, float(before.mean()), float(after.mean()), bool(worse))


def _compared(
    features: npt.NDArray[np.float64], labels: Labels, relevant: npt.NDArray[np.bool_], seed: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    n = len(labels)
    if n > MOST_ROWS:
        rows = np.random.default_rng(seed).choice(n, MOST_ROWS, replace=False)
        features, labels = features[rows], labels[rows]
    return held_out_losses(features, labels, seed), held_out_losses(features[:, relevant], labels, seed)
