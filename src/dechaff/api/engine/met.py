"""What is known of the rows that a deployed model met."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from dechaff.core.words import counted, listed
from dechaff.data.dataset import Dataset
from dechaff.errors import DataError
from dechaff.models.model import Model
from dechaff.models.out_of_fold import out_of_fold, stratified_group_folds
from dechaff.recipe.engine.mining import DOUBTED
from dechaff.recipe.explore.content_hashes import data_hashes
from dechaff.typing import Labels, Probs


def doubt_limit(train: Dataset, model: Model, seed: int) -> float:
    """The doubt that 5 % of the training rows exceed, out of fold."""
    rows = train.take(train.codes >= 0)
    k = len(rows.class_names)
    bound = model.bind(rows.table, rows.features, k, seed=seed)
    folds = stratified_group_folds(rows.codes, rows.groups, data_hashes(rows), seed=seed)
    probs = out_of_fold(bound, rows.codes, folds, k)
    return float(np.quantile(1 - probs.max(axis=1), 1 - DOUBTED))


def predictions(cells: Mapping[str, Sequence[str]], column: str, rows: Dataset, probs: Probs) -> Labels:
    """What was predicted when the rows were served; else what the engine's model predicts."""
    own: Labels = probs.argmax(axis=1)
    if column not in cells:
        return own
    number = {name: code for code, name in enumerate(rows.class_names)}
    said = [str(cell).strip() for cell in cells[column]]
    wrong = next((place for place, name in enumerate(said) if name and name not in number), None)
    if wrong is not None:
        raise DataError(
            f"the column {column!r}", f"hold classes ({listed(rows.class_names)})", f"{said[wrong]!r} in row {wrong}",
            "Correct it, or name the column of predictions with --prediction.",
        )  # fmt: skip
    return np.array([number.get(name, code) for name, code in zip(said, own.tolist(), strict=True)], dtype=np.int64)


def mining_notes(new: Sequence[str], n_sealed: int, *, by_errors: bool) -> list[str]:
    """New classes, rows that were left out, and whether errors or doubt decided."""
    notes = []
    if new:
        notes.append(f"the outcomes have classes that are new: {listed(new)}")
    if n_sealed:
        notes.append(f"{counted(n_sealed, 'row')} that are sealed were left out")
    if not by_errors:
        notes.append("too few outcomes are known, so slices are those that the model doubts")
    return notes
