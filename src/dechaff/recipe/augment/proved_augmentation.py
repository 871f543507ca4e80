"""Data augmentation as a step of the recipe: what is accepted inside the training rows is kept if sealed rows agree."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np
from msgspec import structs

from dechaff.core.table import Column, Table
from dechaff.data.columns.cells import texts
from dechaff.data.dataset import Dataset
from dechaff.errors import DataError, LabelsError
from dechaff.models.model import Model
from dechaff.recipe.augment.augmented_table import AugmentedData, augmented_data
from dechaff.recipe.augment.kept_augmentation import augmentation_facts
from dechaff.recipe.outcome.added_rows import child_names
from dechaff.recipe.prove.prove import Proof, prove_parts
from dechaff.recipe.prove.training import Trainings
from dechaff.records.augment_options import AugmentOptions
from dechaff.records.augmented import AugmentationFacts, MeasuredGain, SealedGain
from dechaff.typing import Rows


@dataclass(frozen=True)
class AugmentationStep:
    """The figures of the step, and what it adds; ``found`` is None if nothing could be tried."""

    facts: AugmentationFacts
    found: AugmentedData | None = None
    kept: Dataset | None = None
    """All rows with the new ones; None if none are kept."""


def proved_augmentation(
    rows: Dataset, tests: Callable[[], Iterable[Dataset]], by: Trainings, model: Model, options: AugmentOptions
) -> AugmentationStep:
    """Search for an operation on training rows; its new rows are kept if a model with them is better on sealed rows.

    Parameters
    ----------
    rows : the training rows after all decisions.
    tests : gives the sealed rows in parts.
    by, model : how the proof trains, and the model of the search.
    options : of the search.
    """
    try:
        found = augmented_data(rows, model, options)
    except (DataError, LabelsError) as error:
        return not_tried(str(error).replace("\n", " "))
    facts = augmentation_facts(found, model.name)
    if found.made is None:
        return AugmentationStep(facts, found)
    more = with_new_rows(rows, found)
    proof = prove_parts(rows, more, tests, by)
    kept = proof.verdict == "better"
    facts = structs.replace(facts, sealed=_sealed(proof))
    if kept:
        return AugmentationStep(facts, found, more)
    words = f"{facts.accepted} helps on held-out training rows, but is not kept: sealed test rows do not confirm it."
    none = replace(found, made=None, parents=np.zeros(0, dtype=np.int64))
    return AugmentationStep(structs.replace(facts, words=words, accepted="", new_rows=0), none)


def not_tried(reason: str) -> AugmentationStep:
    """No operation was tried, for a reason in words."""
    return AugmentationStep(AugmentationFacts(words=f"No augmentation: {reason}"))


def _sealed(proof: Proof) -> SealedGain:
    difference = proof.difference
    values = (0.0 if one is None else one for one in (difference.mean, difference.low, difference.high))
    return SealedGain(proof.verdict, proof.metric, proof.test.used, MeasuredGain(*values))


def with_new_rows(rows: Dataset, found: AugmentedData) -> Dataset:
    """The rows and the new ones behind them; each family is a group."""
    parents = found.parents
    place = {position: at for at, position in enumerate(rows.positions.tolist())}
    of = np.array([place[one] for one in found.rows.positions[parents].tolist()], dtype=np.int64)
    groups = np.where(rows.groups >= 0, rows.groups, rows.groups.max(initial=-1) + 1 + np.arange(len(rows)))
    rows = replace(rows, groups=groups, parents=None, probs=None)
    names = child_names(rows.ids[of].astype(str).tolist())
    children = replace(
        rows.take(of),
        table=Table(_columns(found, parents), len(parents)),
        ids=texts(names),
        keys=texts([f"{key}+{number}" for number, key in enumerate(rows.keys[of].tolist())]),
        positions=rows.source.n_rows + np.arange(len(parents)),
    )
    return Dataset.joined([rows, children])


def _columns(found: AugmentedData, parents: Rows) -> tuple[Column, ...]:
    """The columns of the new rows, as if they were read from a file."""
    changed = found.changed_cells()
    columns = []
    for column in found.rows.table.columns:
        own = column.take(parents)
        if column.name in changed:
            is_number, cells = changed[column.name]
            raw = texts([old if new is None else new for old, new in zip(own.raw.tolist(), cells, strict=True)])
            values = own.values.copy()
            new = np.array([cell is not None for cell in cells], dtype=np.bool_)
            values[new] = raw[new].astype(np.float64) if is_number else raw[new]
            own = own.rewritten(values, own.missing, raw)
        columns.append(own)
    return tuple(columns)
