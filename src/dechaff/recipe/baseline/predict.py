"""The pass that judges: what a model that has not seen it says of every row, and in which noisy slices it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dechaff.data.dataset import Dataset
from dechaff.data.formats.part import FilePart
from dechaff.methods.noisy_slices.table_conditions import condition_holds
from dechaff.recipe.baseline.fold_models import FoldModels
from dechaff.recipe.outcome.row_store import RowColumn
from dechaff.recipe.passes.context import AuditContext
from dechaff.recipe.passes.read_plan import ReadPlan
from dechaff.recipe.passes.sample_fit import SliceRule
from dechaff.typing import Labels, Probs, Rows

PREDICTING = "judging every row"


def predict(context: AuditContext, models: FoldModels) -> None:
    """Probabilities of all training rows, block by block, and the number of the slice of each, from 1; 0 for none."""
    read_plan, store, parts = context.read_plan, context.store, context.parts
    folds, slices = store.open("fold"), store.make("slice", np.int16)
    work = PredictPart(read_plan.alone(), models, folds, context.sample_fit.slices)
    for part, (rows, codes, probs, number) in context.over_parts(work, PREDICTING):
        if len(rows):
            parts.write(part.first_row, rows, codes, probs)
            slices[rows] = number


@dataclass(frozen=True)
class PredictPart:
    """Predicts the training rows of one part, each by the model of its fold."""

    read_plan: ReadPlan
    models: FoldModels
    folds: RowColumn
    rules: Sequence[SliceRule]

    def __call__(self, part: FilePart) -> tuple[Rows, Labels, Probs, npt.NDArray[np.int16]]:
        """Numbers, codes, probabilities and slices of the rows."""
        rows, sealed = self.read_plan.rows(part, part.read())
        train = rows.take(~sealed)
        if not len(train):
            return train.positions, train.codes, np.zeros((0, 0)), np.zeros(0, np.int16)
        probs = self.models.probs(train, np.asarray(self.folds[train.positions]))
        return train.positions, train.codes, probs, slice_of(train, self.rules)


def slice_of(rows: Dataset, rules: Sequence[SliceRule]) -> npt.NDArray[np.int16]:
    """The first slice that holds each row, counted from 1; 0 for none. Rows without a label are in none."""
    found = np.zeros(len(rows), dtype=np.int16)
    for number, rule in enumerate(rules, 1):
        holds = condition_holds(rule.condition, rows.table) & (rows.codes >= 0)
        found[holds & (found == 0)] = number
    return found
