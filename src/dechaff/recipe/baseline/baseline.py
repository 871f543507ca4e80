"""Step 2 of the recipe: out-of-sample probabilities of every training row, and whether they can judge labels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from msgspec import structs

from dechaff.core.groups import merged_groups
from dechaff.core.kept_results import once
from dechaff.data.dataset import Dataset
from dechaff.errors import LabelsError
from dechaff.models.baseline_guard import GuardResult, check_baseline
from dechaff.models.choose import candidate_models, check_learnable, neighbour_model
from dechaff.models.estimator import as_model
from dechaff.models.model import Model
from dechaff.models.out_of_fold import out_of_fold, stratified_group_folds
from dechaff.recipe.baseline.given_probs import refuse_in_sample
from dechaff.recipe.baseline.race import race, scored, scores
from dechaff.recipe.explore.content_hashes import data_hashes
from dechaff.recipe.passes.request import AuditSettings
from dechaff.records.metrics import BaselineFacts, Candidate
from dechaff.typing import FitPredict, Groups, Labels, Probs

NO_MODEL = "none"
"""Name of the baseline where none was trained."""
NEIGHBOUR_ROWS = 5_000
"""Rows on which the k-NN is compared."""


@dataclass(frozen=True)
class Baseline:
    """A model's predictions for rows it has not seen, and how far to trust them.

    ``model`` is None where probabilities were given; ``fit_predict`` is then the model that would have been
    chosen, for checks that must train, or None where there is nothing to train on. ``groups`` are the rows kept
    together (duplicates and the user's groups), -1 alone. ``pooled`` are the out-of-sample probabilities of all
    candidates together, weighed by how well they predict given labels, and ``panel`` trains that mixture again: a
    panel of different models judges labels better than the best of them. ``notes`` are limits for the report.
    """

    model: Model | None
    name: str
    probs: Probs
    folds: npt.NDArray[np.int64]
    groups: Groups
    fit_predict: FitPredict | None
    pooled: Probs
    panel: FitPredict | None
    candidates: tuple[Candidate, ...]
    metrics: BaselineFacts
    trusted: bool
    reason: str
    notes: tuple[str, ...] = ()
    own: Probs | None = None
    """Out-of-sample probabilities of the best model that was trained here, if others were given."""

    @property
    def facts(self) -> BaselineFacts:
        """The figures of a report."""
        return structs.replace(
            self.metrics,
            name=self.name,
            # Given probabilities were not trained here, so their folds are unknown.
            folds=None if self.model is None else int(self.folds.max()) + 1,
            candidates=self.candidates,
            trusted=self.trusted,
            reason=self.reason,
        )


def baseline(train: Dataset, together: Groups, settings: AuditSettings) -> Baseline:
    """Predict every training row out of sample with the best of a few models, the user's, or given probabilities.

    Parameters
    ----------
    train : the training rows; test rows never enter.
    together : (n,) int, -1 = alone
        Rows that must share a fold, such as duplicates; the data set's own groups are kept whole as well.
    settings : the user's model, else one is chosen by what the columns are; seed, threads, progress.

    Raises
    ------
    LabelsError
        If fewer than two classes have labels.
    ProbsError
        If given probabilities are certainly in-sample.
    """
    refuse_one_class(train)
    groups = merged_groups(train.groups, together)
    folds = stratified_group_folds(train.codes, groups, data_hashes(train), seed=settings.seed)
    if train.probs is not None and settings.model is None:
        return _given(train, groups, folds, settings)
    models = _models(train, settings.model)
    raced = race(train, models, folds, settings)
    verdict = check_baseline(train.codes, raced.probs, folds, groups, *_neighbours(train, folds, settings.seed))
    return Baseline(
        model=models[raced.winner],
        name=models[raced.winner].name,
        probs=raced.probs,
        folds=folds,
        groups=groups,
        fit_predict=raced.bound,
        pooled=raced.pooled,
        panel=raced.panel,
        candidates=raced.candidates,
        metrics=_metrics(train.codes, raced.probs, verdict),
        trusted=verdict.trusted,
        reason=verdict.reason,
    )


def no_baseline(train: Dataset, *, together: Groups, reason: str) -> Baseline:
    """What stands in for a baseline that was not trained: the class shares for every row, and not to be trusted."""
    codes = train.codes[train.codes >= 0]
    codes = codes if len(codes) else np.arange(len(train.class_names))
    shares = np.bincount(codes, minlength=len(train.class_names)) / len(codes)
    probs = np.tile(shares, (len(train), 1))
    folds = np.zeros(len(train), dtype=np.int64)
    groups = merged_groups(train.groups, together)
    return Baseline(
        None, NO_MODEL, probs, folds, groups, None, probs, None, (), BaselineFacts(), trusted=False, reason=reason
    )


def _models(train: Dataset, model: Any) -> tuple[Model, ...]:
    if model is None:
        return candidate_models(train.table, train.features, n_classes=len(train.class_names))
    check_learnable(train.table, train.features)
    return (as_model(model),)


def _has_columns(train: Dataset) -> bool:
    return train.features is not None or len(train.table.columns) > 0


def _neighbours(train: Dataset, folds: npt.NDArray[np.int64], seed: int) -> tuple[npt.NDArray[np.int64], Probs | None]:
    """Some labelled rows, and what a k-NN among them says out of fold; None if there is nothing to compare."""
    labelled = np.flatnonzero(train.codes >= 0)
    if not _has_columns(train):
        return labelled[:0], None
    rows = labelled
    if len(labelled) > NEIGHBOUR_ROWS:
        rows = np.sort(np.random.default_rng(seed).choice(labelled, NEIGHBOUR_ROWS, replace=False))
    features = None if train.features is None else train.features[rows]
    n_classes = len(train.class_names)
    model = neighbour_model(train.table, train.features)
    bound = model.bind(train.table.take(rows), features, n_classes, seed=seed)
    if len(np.unique(folds[rows])) < 2:
        return labelled[:0], None

    def voted() -> dict[str, Probs]:
        return {"probs": out_of_fold(bound, train.codes[rows], folds[rows], n_classes)}

    return rows, once("neighbours", voted)["probs"]


def _given(train: Dataset, groups: Groups, folds: npt.NDArray[np.int64], settings: AuditSettings) -> Baseline:
    """Given probabilities, compared with what can be learnt here where there is something to learn from."""
    assert train.probs is not None
    raced = None
    neighbours: tuple[npt.NDArray[np.int64], Probs | None] = (np.zeros(0, dtype=np.int64), None)
    if _has_columns(train):
        raced = race(train, _models(train, None), folds, settings)
        neighbours = _neighbours(train, folds, settings.seed)
    own = [] if raced is None else [raced.probs]
    notes = refuse_in_sample(train.codes, train.probs, own, *neighbours, features_given=train.features is not None)
    verdict = check_baseline(train.codes, train.probs, folds, groups, np.zeros(0, dtype=np.int64), None)
    labelled = train.codes >= 0
    result = Baseline(
        model=None,
        name="given probabilities",
        probs=train.probs,
        folds=folds,
        groups=groups,
        fit_predict=None,
        pooled=train.probs,
        panel=None,
        candidates=(scored("given probabilities", train.codes[labelled], train.probs[labelled], chosen=True),),
        metrics=_metrics(train.codes, train.probs, verdict),
        trusted=verdict.trusted,
        reason=verdict.reason,
        notes=notes,
    )
    if raced is None:
        return result
    beside = tuple(structs.replace(candidate, chosen=False) for candidate in raced.candidates)
    return replace(
        result, fit_predict=raced.bound, panel=raced.panel, own=raced.probs, candidates=result.candidates + beside
    )


def _metrics(codes: Labels, probs: Probs, verdict: GuardResult) -> BaselineFacts:
    found = scores(probs.shape[1], [(codes, probs)])
    return structs.replace(found, knn_accuracy=verdict.knn_accuracy, information=verdict.information)


def refuse_one_class(train: Dataset) -> None:
    """A LabelsError unless two classes have labels."""
    present = np.unique(train.codes[train.codes >= 0])
    if len(present) < 2:
        what = f"only {train.class_names[present[0]]!r}" if len(present) else "no label at all"
        raise LabelsError(
            f"the label column {train.label_name}",
            "have at least two classes",
            f"{what} in {len(train.codes)} rows",
            "Check --label, or add rows of another class.",
        )
