"""The pass that judges: what a model that has not seen it says of every row, and in which noisy slices it stands."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from dechaff.data.dataset import Dataset
from dechaff.methods.noisy_slices.condition_holds import condition_holds
from dechaff.recipe.large.fold_models import FoldModels
from dechaff.recipe.large.ground import Ground
from dechaff.recipe.large.looked import SliceRule

PREDICTING = "judging every row"


def predict(ground: Ground, models: FoldModels) -> None:
    """Probabilities of all training rows, block by block, and the number of the slice of each, from 1; 0 for none."""
    known, store, parts = ground.known, ground.store, ground.parts
    folds, slices = store.open("fold"), store.make("slice", np.int16)
    for block, read in ground.told_blocks(PREDICTING):
        rows, sealed = known.rows(block, read)
        train = rows.take(~sealed)
        if len(train):
            probs = models.probs(train, np.asarray(folds[train.positions]))
            parts.write(block.first_row, train.positions, train.codes, probs)
            slices[train.positions] = slice_of(train, ground.looked.slices)


def slice_of(rows: Dataset, rules: Sequence[SliceRule]) -> npt.NDArray[np.int16]:
    """The first slice that holds each row, counted from 1; 0 for none. Rows without a label are in none."""
    found = np.zeros(len(rows), dtype=np.int16)
    for number, rule in enumerate(rules, 1):
        holds = condition_holds(rule.condition, rows.table) & (rows.codes >= 0)
        found[holds & (found == 0)] = number
    return found
