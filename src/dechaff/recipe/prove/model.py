"""The model of a proof for which none was named."""

from __future__ import annotations

import numpy as np

from dechaff.data.dataset import Dataset
from dechaff.methods.proof import row_scores
from dechaff.models.choose import bind_together, candidate_models
from dechaff.models.model import Model
from dechaff.models.out_of_fold import out_of_fold, stratified_group_folds
from dechaff.recipe.explore.content_hashes import data_hashes

ENOUGH_ROWS = 5_000
"""Rows that a choice between two models needs; more would cost time and not turn it."""
N_FOLDS = 3


def better_candidate(before: Dataset, *, seed: int) -> Model:
    """The usual model for such a table with the smallest log-loss out of fold, on the data before cleaning only.

    Choosing on the cleaned data too would favour a model that suits the cleaning.
    """
    candidates = candidate_models(before.table, before.features, n_classes=len(before.class_names))
    if len(candidates) == 1:
        return candidates[0]
    labelled = np.flatnonzero(before.codes >= 0)
    rng = np.random.default_rng(seed)
    chosen = np.sort(rng.permutation(labelled)[:ENOUGH_ROWS])
    rows = before.take(chosen)
    folds = stratified_group_folds(rows.codes, rows.groups, data_hashes(rows), n_folds=N_FOLDS, seed=seed)
    k = len(rows.class_names)
    bound = bind_together(candidates, rows.table, rows.features, k, seed=seed)
    scores = [row_scores("log_loss", rows.codes, out_of_fold(one, rows.codes, folds, k)).value for one in bound]
    return candidates[int(np.argmax(scores))]
