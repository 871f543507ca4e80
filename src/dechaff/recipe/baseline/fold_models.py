"""One model for each fold, trained on the rows of the sample outside it: no row is judged by one that saw it.

The pass that judges keeps what these models say of every row, and in which noisy slices it stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import cast

import numpy as np
import numpy.typing as npt

from dechaff.core.folds import USUAL_FOLDS
from dechaff.data.dataset import Dataset
from dechaff.data.formats.part import FilePart
from dechaff.methods.noisy_slices.examine_slice import NoisySlice
from dechaff.methods.noisy_slices.table_conditions import condition_holds
from dechaff.models.choose import candidate_models
from dechaff.models.estimator import as_model
from dechaff.models.model import EncodedBound, EncodedFitted, EncodedModel, Fitted, Model, take_rows
from dechaff.models.out_of_fold import side_by_side
from dechaff.models.single_threaded import single_threaded
from dechaff.recipe.baseline.baseline import NO_MODEL
from dechaff.recipe.outcome.row_store import RowColumn
from dechaff.recipe.passes.context import AuditContext
from dechaff.recipe.passes.read_plan import ReadPlan
from dechaff.recipe.passes.request import AuditSettings
from dechaff.typing import Labels, Mask, Probs, Rows

TRAINING = "training"
PREDICTING = "judging every row"


@dataclass(frozen=True)
class FoldModels:
    """Models of all folds; ``one_encoding`` says that they share their representation of the rows.

    None if too few rows have a label: then every class is as probable.
    """

    fitted: tuple[Fitted, ...]
    n_classes: int
    one_encoding: bool

    def probs(self, rows: Dataset, folds: npt.NDArray[np.int8]) -> Probs:
        """(n, k) probabilities of rows, each by the model of its fold; a shared encoding reads them once."""
        k = self.n_classes
        found = np.zeros((len(rows), k)) if self.fitted else np.full((len(rows), k), 1 / k)
        of_folds = [np.flatnonzero(folds == fold) for fold in range(len(self.fitted))]
        if not self.one_encoding:
            for model, mine in zip(self.fitted, of_folds, strict=True):
                if len(mine):
                    found[mine] = model.probs(rows.table.take(mine), None)
            return found
        models = cast(tuple[EncodedFitted, ...], self.fitted)
        with single_threaded():
            matrix = models[0].encoding.transform(rows.table, rows.features)
            for one, mine in zip(models, of_folds, strict=True):
                found[mine] = one.probs_of(take_rows(matrix, mine))
        return found


class Models:
    """The models of the folds, trained from the sample when they are first asked for: the same ones every time."""

    def __init__(self, context: AuditContext) -> None:
        self._context = context

    @cached_property
    def encoded(self) -> EncodedBound | None:
        """The sample as the model sees it, by an encoding that knows no label; None if a model does not say how."""
        sample, model = self._context.read_plan.sample, self.model
        if not isinstance(model, EncodedModel):
            return None
        return model.bind(sample.table, sample.features, len(sample.class_names), seed=self._context.request.seed)

    @cached_property
    def trained(self) -> FoldModels:
        """The models."""
        context, sample = self._context, self._context.read_plan.sample
        if context.sample_fit.base.name == NO_MODEL:
            return FoldModels((), len(sample.class_names), one_encoding=False)
        folds = np.asarray(context.store.open("fold")[sample.positions])
        outside = slice_of(sample, context.sample_fit.slices) == 0
        return fold_models(sample, folds, self.model, self.encoded, outside, context.request)

    @property
    def model(self) -> Model:
        """The model that was chosen on the sample, to be trained again."""
        sample, base, model = self._context.read_plan.sample, self._context.sample_fit.base, self._context.request.model
        if model is not None:
            return as_model(model)
        models = candidate_models(sample.table, sample.features, n_classes=len(sample.class_names))
        return next((one for one in models if one.name == base.name), models[0])


def fold_models(
    sample: Dataset,
    folds: npt.NDArray[np.int8],
    model: Model,
    seen: EncodedBound | None,
    among: Mask,
    settings: AuditSettings,
) -> FoldModels:
    """Models of every fold.

    Parameters
    ----------
    sample : (m,) rows to learn from.
    folds : (m,) the fold of each, as of all rows.
    model : what to train.
    seen : the sample as it sees it.
    among : (m,) the rows whose labels are learnt from: those outside noisy slices.
    settings : seed, threads and progress.
    """
    k, seed, learn = len(sample.class_names), settings.seed, among & (sample.codes >= 0)

    def trained(fold: int) -> Fitted:
        rows = np.flatnonzero(learn & (folds != fold))
        if seen is not None:
            return seen.fitted(rows, sample.codes[rows])
        some = sample.take(rows)
        return model.fit(some.table, None, some.codes, k, seed=seed)

    found: list[Fitted] = []
    settings.progress(TRAINING, 0, USUAL_FOLDS)
    for result in side_by_side(trained, range(USUAL_FOLDS), threads=settings.threads):
        # Other processes send back an encoding with each model.
        found.append(result if seen is None else replace(cast(EncodedFitted, result), encoding=seen.encoding))
        settings.progress(TRAINING, len(found), USUAL_FOLDS)
    return FoldModels(tuple(found), k, seen is not None)


def predict(context: AuditContext, models: FoldModels) -> bool:
    """Probabilities of all training rows, block by block, and the number of the slice of each, from 1; 0 for none."""
    read_plan, store, parts = context.read_plan, context.store, context.parts
    for old in parts.paths():
        old.unlink()
    folds, slices = store.open("fold"), store.make("slice", np.int16)
    work = partial(_predicted, read_plan.alone(), models, folds, context.sample_fit.slices)
    for part, (rows, codes, probs, number) in context.over_parts(work, PREDICTING):
        if len(rows):
            parts.write(part.first_row, rows, codes, probs)
            slices[rows] = number
    return True


def _predicted(
    read_plan: ReadPlan, models: FoldModels, folds: RowColumn, rules: Sequence[NoisySlice], part: FilePart
) -> tuple[Rows, Labels, Probs, npt.NDArray[np.int16]]:
    """Numbers, codes, probabilities and slices of the training rows of one part, each by the model of its fold."""
    train = read_plan.train(part)
    if not len(train):
        return train.positions, train.codes, np.zeros((0, 0)), np.zeros(0, np.int16)
    probs = models.probs(train, np.asarray(folds[train.positions]))
    return train.positions, train.codes, probs, slice_of(train, rules)


def slice_of(rows: Dataset, rules: Sequence[NoisySlice]) -> npt.NDArray[np.int16]:
    """The first slice that holds each row, counted from 1; 0 for none. Rows without a label are in none."""
    found = np.zeros(len(rows), dtype=np.int16)
    for number, rule in enumerate(rules, 1):
        holds = condition_holds(rule.condition, rows.table) & (rows.codes >= 0)
        found[holds & (found == 0)] = number
    return found
