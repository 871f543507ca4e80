"""Models that do not see the columns a slice is about."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dechaff.core.table import Table
from dechaff.data.dataset import Dataset
from dechaff.methods.noisy_slices.table_conditions import blind_table
from dechaff.models.model import EncodedModel, Model
from dechaff.models.softmax import SoftmaxRegression
from dechaff.recipe.baseline.baseline import Baseline
from dechaff.typing import FitPredict


class MaskedColumns:
    """Binds models to the rows of a data set without what should not matter to a label; keeps what it has bound.

    Models that read given features or images see no column anyway; they stay as they are.
    """

    def __init__(self, train: Dataset, base: Baseline, *, seed: int) -> None:
        self._train = train
        self._base = base
        self._seed = seed
        self._bound: list[tuple[Model | None, Table, FitPredict]] = []

    def bound(self, model: Model | None, hidden: Sequence[str] = ()) -> FitPredict:
        """The model without sight of the columns named; the baseline's own where it sees the same."""
        table = self._blind(hidden)
        known = next((fit for one, seen, fit in self._bound if one is model and _same(seen, table)), None)
        if known is not None:
            return known
        bound = self._bind(model, table)
        self._bound.append((model, table, bound))
        return bound

    def _blind(self, hidden: Sequence[str]) -> Table:
        table = self._train.table
        if self._train.features is not None or table.of_kind("image"):
            return table
        return blind_table(table, hidden=hidden, seed=self._seed)

    def _bind(self, model: Model | None, table: Table) -> FitPredict:
        base = self._base
        assert base.fit_predict is not None
        if model is None or (model is base.model and table is self._train.table):
            return base.fit_predict
        return model.bind(table, self._train.features, base.probs.shape[1], seed=self._seed)


def is_linear(model: Model | None) -> bool:
    """Whether a model is a logistic regression on its columns, which cannot memorise one part of the data."""
    return isinstance(model, EncodedModel) and isinstance(model.learner, SoftmaxRegression)


def _same(one: Table, other: Table) -> bool:
    return all(
        a is b or np.array_equal(a.values, b.values, equal_nan=a.values.dtype.kind == "f")
        for a, b in zip(one.columns, other.columns, strict=True)
    )
