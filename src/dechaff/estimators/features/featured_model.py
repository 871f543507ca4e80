"""A model that reads some columns of a table, and features created of its columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dechaff.core.table import Table
from dechaff.estimators.features.creation.creation import Creation, FittedCreation
from dechaff.models.model import Codes, Fitted, GivenFeatures, Model, Probabilities
from dechaff.typing import FitPredict


@dataclass(frozen=True)
class FeaturedModel:
    """A `Model` on the columns ``names`` and on ``creations``, which are learnt anew in each training."""

    model: Model
    names: tuple[str, ...]
    creations: tuple[Creation, ...] = ()

    @property
    def name(self) -> str:
        """That of the model."""
        return self.model.name

    def bind(self, table: Table, features: GivenFeatures, n_classes: int, *, seed: int) -> FitPredict:
        """Trains on some rows and predicts others; target encodings may see no other rows, so nothing is shared."""

        def fit_predict(fit_rows: Codes, fit_codes: Codes, predict_rows: Codes) -> Probabilities:
            fitted = self.fit(table.take(fit_rows), None, fit_codes, n_classes, seed=seed)
            return fitted.probs(table.take(predict_rows))

        return fit_predict

    def fit(
        self,
        table: Table,
        features: GivenFeatures,
        codes: Codes,
        n_classes: int,
        *,
        seed: int,
        weight: npt.NDArray[np.float64] | None = None,
    ) -> FeaturedFitted:
        """Train on all rows whose code is not -1."""
        rows = np.flatnonzero(codes >= 0)
        table, codes = table.take(rows), codes[rows]
        pairs = [one.fit(table, codes, n_classes, seed=seed) for one in self.creations]
        made = [column for _, columns in pairs for column in columns]
        weight = None if weight is None else weight[rows]
        read = table.only(self.names).beside(made)
        fitted = self.model.fit(read, None, codes, n_classes, seed=seed, weight=weight)
        return FeaturedFitted(fitted, self.names, tuple(one for one, _ in pairs))


@dataclass(frozen=True)
class FeaturedFitted:
    """A fitted model, and the fitted features that it reads beside the columns ``names``."""

    fitted: Fitted
    names: Sequence[str]
    creations: tuple[FittedCreation, ...]

    def probs(self, table: Table, features: GivenFeatures = None) -> Probabilities:
        """(m, k) probabilities of the rows of a table."""
        made = [column for one in self.creations for column in one.made(table)]
        return self.fitted.probs(table.only(self.names).beside(made))
