"""Which columns of a table a model needs, and why the others are left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dechaff.core.table import Table
from dechaff.estimators.features.relevance import Relevance, find_relevant
from dechaff.estimators.features.unfit_columns import Unfit, unfit_columns
from dechaff.methods.features.shadow_test import MOST_ROUNDS
from dechaff.typing import Labels


@dataclass(frozen=True)
class ColumnSelection:
    """The columns, those that were left out, each with its code and reason, and the test of the others."""

    names: tuple[str, ...]
    left_out: Mapping[str, Unfit]
    relevance: Relevance
    spared: Mapping[str, Unfit]
    """Columns that stay only because no column would be left, each with what speaks against it."""

    @property
    def fit(self) -> tuple[str, ...]:
        """The columns that stay, and those that are left out only because they are useless (F005)."""
        return tuple(one for one in self.names if one not in self.left_out or self.left_out[one].code == "F005")


def select_columns(
    table: Table,
    labels: Labels,
    n_classes: int,
    *,
    rate: float = 0.05,
    most_rounds: int = MOST_ROUNDS,
    seed: int = 0,
) -> ColumnSelection:
    """Leaves out columns that name rows, leak, are constant or copies, and those that matter no more than chance.

    Parameters
    ----------
    table : n rows, in the order in which they were collected
    labels : (n,) int, 0 … k-1, or -1 if missing
    n_classes : k
    rate : bound of the expected fraction of useless columns among the tested ones that stay
    most_rounds, seed : as for `shadow_test`
    """
    unfit = unfit_columns(table, labels, n_classes, seed=seed)
    rest = [name for name in table.names if name not in unfit]
    found = find_relevant(table, labels, rest, rate=rate, most_rounds=most_rounds, seed=seed)
    useless = {name: Unfit("F005", _matters_not(name, p_value)) for name, p_value in found.useless.items()}
    left_out = {**unfit, **useless}
    spared = {} if len(left_out) < len(table.columns) else _least_unfit(left_out)
    left_out = {name: one for name, one in left_out.items() if name not in spared}
    return ColumnSelection(table.names, left_out, found, spared)


def _least_unfit(unfit: Mapping[str, Unfit]) -> dict[str, Unfit]:
    """Those that stay if no column is fit: useless ones do no harm; leaks and constants are better than no column."""
    for worse in ({"F001", "F002", "F003", "F004"}, {"F001"}, set[str]()):
        found = {name: one for name, one in unfit.items() if one.code not in worse}
        if found:
            return found
    return {}


def _matters_not(name: str, p_value: float) -> str:
    return f"{name} matters no more than shuffled columns (p = {p_value:.2g})."
