"""Step 4 of the recipe: several models on the improved data under one cross-validation; the best is kept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dechaff.core.groups import merged_groups
from dechaff.core.intervals import Z_95
from dechaff.data.dataset import Dataset
from dechaff.models.choose import selection_models
from dechaff.models.estimator import as_model
from dechaff.models.model import Fitted, Model
from dechaff.models.out_of_fold import stratified_group_folds
from dechaff.recipe.baseline.race import race
from dechaff.recipe.explore.content_hashes import data_hashes
from dechaff.recipe.passes.request import AuditSettings
from dechaff.records.metrics import Candidate, Selected
from dechaff.typing import Groups


@dataclass(frozen=True)
class Selection:
    """The model that was kept, fitted on all labelled rows, and what every candidate scored.

    The score of a candidate is the accuracy on rows that the model had not seen, with a 95 % interval over rows.
    The kept model's score is the best of several, so it is slightly optimistic; the proof on sealed rows is not.
    """

    model: Model
    fitted: Fitted
    candidates: tuple[Selected, ...]
    class_names: tuple[str, ...]


def select(train: Dataset, together: Groups, settings: AuditSettings) -> Selection:
    """Try the models that suit the columns, keep the simplest of the best by log-loss, fit it on all rows.

    Parameters
    ----------
    train : the improved training rows.
    together : (n,) int, -1 = alone
        Rows that must share a fold.
    settings : a model of the user's, which competes with the others; seed, threads, progress.

    Raises
    ------
    InputError
        If there are neither columns nor features to learn from.
    """
    n_classes = len(train.class_names)
    groups = merged_groups(train.groups, together)
    folds = stratified_group_folds(train.codes, groups, data_hashes(train), seed=settings.seed)
    models = selection_models(train.table, train.features, n_classes=n_classes)
    if settings.model is not None:
        models = (*models, as_model(settings.model))
    raced = race(train, models, folds, settings)
    kept = models[raced.winner]
    fitted = kept.fit(train.table, train.features, train.codes, n_classes, seed=settings.seed)
    return Selection(
        kept, fitted, tuple(_row(candidate, raced.n_rows) for candidate in raced.candidates), train.class_names
    )


def _row(candidate: Candidate, n_rows: int) -> Selected:
    score = candidate.accuracy
    assert score is not None
    half = Z_95 * float(np.sqrt(score * (1 - score) / n_rows))
    low, high = max(0.0, score - half), min(1.0, score + half)
    return Selected(candidate.name, score, low, high, candidate.log_loss, candidate.chosen)
