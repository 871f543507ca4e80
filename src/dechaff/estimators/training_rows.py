"""The training rows of a meta-estimator, and all that goes with them, as far as they count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.utils import _safe_indexing

from dechaff.errors import InputError
from dechaff.estimators.weighted_fit import fit_fresh
from dechaff.typing import Numbers, Rows


@dataclass(frozen=True)
class TrainingRows:
    """n rows, and all that goes with them."""

    X: Any
    """As it was given: array, sparse matrix, data frame, list."""
    labels: npt.NDArray[Any]
    """What is known of each row: the code of its class, or whether it is labelled."""
    weights: Numbers | None = None
    """How often each row counts; once where it is None."""
    for_model: bool = True
    """Whether the base model is to know the weights, or says that it does not want them."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """Further arguments for ``fit`` of the base model."""
    groups: npt.NDArray[Any] | None = None
    """Rows of the same value must not be cut apart by the folds."""

    def only(self, places: Rows) -> Self:
        """Some of the rows."""
        n = len(self.labels)
        weights = None if self.weights is None or (self.weights[places] == 1).all() else self.weights[places]
        options = {name: part(value, places, n) for name, value in self.options.items()}
        groups = None if self.groups is None else self.groups[places]
        return replace(
            self, X=take(self.X, places), labels=self.labels[places], weights=weights, options=options, groups=groups
        )

    def places_that_count(self) -> Rows:
        """Where rows of weight above 0 stand."""
        if self.weights is None or self.weights.all():
            return np.arange(len(self.labels))
        return np.flatnonzero(self.weights)

    def fitted(
        self,
        estimator: Any,
        targets: npt.NDArray[Any],
        *,
        rows: Rows | None = None,
        row_weights: npt.NDArray[np.float64] | None = None,
    ) -> Any:
        """A fresh model, trained on the rows asked for (all where it is None; a row may stand there twice).

        Parameters
        ----------
        estimator : scikit-learn classifier
        targets : (m,) what the model is to say of each
        rows : (m,) int
        row_weights : (m,) float, above 0
            Multiplied by the weights that the rows came with.
        """
        weights = self.weights if self.for_model else None
        if weights is not None and rows is not None:
            weights = weights[rows]
        if row_weights is not None:
            weights = row_weights if weights is None else weights * row_weights
        options = {name: part(value, rows, len(self.labels)) for name, value in self.options.items()}
        return fit_fresh(estimator, take(self.X, rows), targets, weights=weights, options=options)


def take(X: Any, rows: Rows | None) -> Any:
    """Some rows of X, in the container that X is."""
    return X if rows is None else _safe_indexing(X, rows)


def part(value: Any, rows: Rows | None, n: int) -> Any:
    """The same rows of an argument that has one value a row; anything else as it is."""
    if rows is None or isinstance(value, str | bytes | Mapping) or not hasattr(value, "__len__"):
        return value
    return take(value, rows) if _length(value) == n else value


def _length(value: Any) -> int:
    return int(value.shape[0]) if hasattr(value, "shape") and len(value.shape) else len(value)


def checked_length(X: Any, n: int) -> None:
    """An InputError where X has no columns, or not n rows."""
    shape = getattr(X, "shape", None)
    if shape is not None and len(shape) == 2 and shape[1] == 0:
        found = f"0 feature(s) (shape={tuple(shape)}) while a minimum of 1 is required"
        raise InputError("X", "have columns", found, "Hand in the features of each row.")
    if (length := _length(X)) != n:
        found = f"{length} rows in X, {n} in y"
        raise InputError("X and y", "have one row for each example", found, "Check that both come from the same rows.")


def checked_weights(sample_weight: Any, n: int) -> npt.NDArray[np.float64] | None:
    """How often each row counts, as (n,) float; None where all count once."""
    if sample_weight is None:
        return None
    weights = np.asarray(sample_weight, dtype=np.float64)
    if weights.ndim == 0:
        weights = np.full(n, weights)
    if weights.shape != (n,):
        raise _bad_weights(f"be a 1d array of {n} numbers, one a row", f"shape {weights.shape}")
    bad = np.flatnonzero(~(np.isfinite(weights) & (weights >= 0)))
    if len(bad):
        raise _bad_weights("be finite and at least 0", f"{weights[bad[0]]} in row {bad[0]}")
    if not weights.any():
        raise _bad_weights("be above 0 for some row", "that every weight is zero")
    return None if (weights == 1).all() else weights


def _bad_weights(must: str, found: str) -> InputError:
    return InputError("sample_weight", must, found, "A row of weight 2 counts as two rows, one of weight 0 as none.")
