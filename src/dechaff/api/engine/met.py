"""What is known of the rows that a deployed model met."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from dechaff.api.engine.rows import FileRows, SmallestRows
from dechaff.core.words import counted, listed
from dechaff.data.dataset import Dataset, Schema
from dechaff.errors import DataError
from dechaff.methods.active.control_arm import control_order
from dechaff.models.model import Model
from dechaff.models.out_of_fold import out_of_fold, stratified_group_folds
from dechaff.recipe.engine.mining import DOUBTED
from dechaff.recipe.explore.content_hashes import data_hashes
from dechaff.typing import Labels, Probs

MOST_MET = 20_000
"""Served rows with outcomes, and without, that are looked at; of more of them, so many are drawn at random."""


def met_rows(parts: Iterable[FileRows], schema: Schema, sealed: Dataset, seed: int) -> tuple[FileRows | None, int, int]:
    """Served rows that are not sealed, read part by part; the number of those that are, and of the others.

    Of a large file, the rows are drawn by their content, with and without outcomes apart: so memory does not grow with
    the file, and the rows do not depend on its parts.
    """
    hidden, kept, n_sealed, n_rows = data_hashes(sealed), SmallestRows(MOST_MET), 0, 0
    for part in parts:
        rows = part.like(schema, need_label=False)
        hashes = data_hashes(rows)
        free = np.flatnonzero(~np.isin(hashes, hidden))
        order = control_order(hashes[free], seed=seed).astype(np.float64)
        known = rows.codes[free] >= 0
        numbers = np.column_stack([np.where(known, order, np.inf), np.where(known, np.inf, order)])
        kept.add(part.take(free), numbers, (n_rows + n_sealed + free).astype(np.uint64))
        n_sealed, n_rows = n_sealed + len(rows) - len(free), n_rows + len(free)
    return kept.joined(), n_sealed, n_rows


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


def mining_notes(new: Sequence[str], n_sealed: int, drawn: tuple[int, int], *, by_errors: bool) -> list[str]:
    """New classes, rows that were left out, how many of how many were drawn, and whether errors or doubt decided."""
    notes = []
    if new:
        notes.append(f"the outcomes have classes that are new: {listed(new)}")
    if n_sealed:
        notes.append(f"{counted(n_sealed, 'row')} that are sealed were left out")
    if drawn[0] < drawn[1]:
        notes.append(f"{drawn[0]:,} rows were drawn at random from {drawn[1]:,}")
    if not by_errors:
        notes.append("too few outcomes are known, so slices are those that the model doubts")
    return notes
