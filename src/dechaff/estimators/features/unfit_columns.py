"""Columns that no model should see, found without a model: names of rows, leaks, constants and copies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dechaff.core.identifying_columns import naming_columns
from dechaff.core.table import Column, Table
from dechaff.core.words import percent
from dechaff.methods.features.leaking import LEAKS_FROM, power_of
from dechaff.methods.features.redundant_columns import Redundant, redundant_columns
from dechaff.typing import Labels


@dataclass(frozen=True)
class Unfit:
    """Why a column is left out: the code of the finding, and a sentence."""

    code: str
    why: str


def unfit_columns(table: Table, labels: Labels, n_classes: int, *, seed: int = 0) -> dict[str, Unfit]:
    """Column -> why no model should see it.

    Parameters
    ----------
    table : n rows, in the order in which they were collected
    labels : (n,) int, 0 … k-1, or -1 if missing
    n_classes : k
    seed : of the folds in which a single column predicts the label
    """
    found = {
        name: Unfit("F001", f"{name} names the rows ({percent(how.distinct)} of its values are different).")
        for name, how in naming_columns(table.columns).items()
    }
    for column in table.columns:
        if column.name not in found and is_constant(column):
            found[column.name] = Unfit("F003", f"{column.name} has the same value in every row.")
        elif column.name not in found and column_leaks(column, labels, n_classes, seed=seed):
            found[column.name] = Unfit("F002", f"{column.name} alone predicts the label of nearly all held-out rows.")
    rest = [column for column in table.columns if column.name not in found]
    for one in redundant_columns(rest, seed=seed):
        if adds_nothing(one, table):
            found[one.name] = Unfit("F004", f"{one.of} explains {percent(one.explained)} of {one.name}.")
    return found


def is_constant(column: Column) -> bool:
    """Whether all cells, two at least, are missing or equal."""
    if len(column.values) < 2 or column.missing.all():
        return len(column.values) > 1
    return not column.missing.any() and bool(np.all(column.values == column.values[0]))


def column_leaks(column: Column, labels: Labels, n_classes: int, *, seed: int) -> bool:
    """Whether a column alone predicts the label of held-out rows nearly perfectly."""
    power = power_of(column, labels, n_classes, seed=seed)
    return power is not None and power.balanced_accuracy >= LEAKS_FROM


def adds_nothing(one: Redundant, table: Table) -> bool:
    """Whether a model can do without a redundant column.

    Not so if it is a coarser category, such as the state of a city: a model learns it from fewer rows, and it still
    holds for cities that are new.
    """
    return one.mutual or table[one.of].kind in ("numeric", "datetime")
