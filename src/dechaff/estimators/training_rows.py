"""Training rows of a meta-estimator, with their labels, weights, groups and ``fit`` arguments."""

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
    """n training rows."""

    X: Any
    """As passed: array, sparse matrix, data frame or list."""
    labels: npt.NDArray[Any]
    """(n,) class code of each row, or whether it is labelled."""
    weights: Numbers | None = None
    """(n,) sample weights; None = 1 each."""
    for_model: bool = True
    """Whether the weights are passed on to the model; False if it does not request them."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """Further arguments for ``fit`` of the model."""
    groups: npt.NDArray[Any] | None = None
    """(n,) rows of one group are kept in one fold."""

    def only(self, places: Rows) -> Self:
        """The rows at `places` (m,)."""
        n = len(self.labels)
        weights = None if self.weights is None or (self.weights[places] == 1).all() else self.weights[places]
        options = {name: part(value, places, n) for name, value in self.options.items()}
        groups = None if self.groups is None else self.groups[places]
        return replace(
            self, X=take(self.X, places), labels=self.labels[places], weights=weights, options=options, groups=groups
        )

    def places_that_count(self) -> Rows:
        """(m,) positions of the rows of weight above 0."""
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
        """A clone of the estimator, trained on some rows.

        Parameters
        ----------
        estimator : scikit-learn classifier
        targets : (m,)
            Training label of each row.
        rows : (m,) int, or None for all rows
            May repeat a row.
        row_weights : (m,) float, above 0
            Multiplied by the rows' own weights.

        Raises
        ------
        InputError
            As `fit_fresh`.
        """
        weights = self.weights if self.for_model else None
        if weights is not None and rows is not None:
            weights = weights[rows]
        if row_weights is not None:
            weights = row_weights if weights is None else weights * row_weights
        options = {name: part(value, rows, len(self.labels)) for name, value in self.options.items()}
        return fit_fresh(estimator, take(self.X, rows), targets, weights=weights, options=options)


def take(X: Any, rows: Rows | None) -> Any:
    """The given rows of X, in the type of X; X itself if `rows` is None."""
    return X if rows is None else _safe_indexing(X, rows)


def part(value: Any, rows: Rows | None, n: int) -> Any:
    """The given rows of an argument with one value per row; any other argument unchanged."""
    if rows is None or isinstance(value, str | bytes | Mapping) or not hasattr(value, "__len__"):
        return value
    return take(value, rows) if _length(value) == n else value


def _length(value: Any) -> int:
    return int(value.shape[0]) if hasattr(value, "shape") and len(value.shape) else len(value)


def checked_length(X: Any, n: int) -> None:
    """Raises an InputError if X has no columns, or not n rows."""
    shape = getattr(X, "shape", None)
    if shape is not None and len(shape) == 2 and shape[1] == 0:
        found = f"0 feature(s) (shape={tuple(shape)}) while a minimum of 1 is required"
        raise InputError("X", "have columns", found, "Pass the features of each row.")
    if (length := _length(X)) != n:
        found = f"{length} rows in X, {n} in y"
        raise InputError("X and y", "have one row for each example", found, "Check that both come from the same data.")


def checked_weights(sample_weight: Any, n: int) -> npt.NDArray[np.float64] | None:
    """(n,) float sample weights; None if all are 1. Raises an InputError if they are invalid."""
    if sample_weight is None:
        return None
    weights = np.asarray(sample_weight, dtype=np.float64)
    if weights.ndim == 0:
        weights = np.full(n, weights)
    if weights.shape != (n,):
        raise _bad_weights(f"be a 1d array of {n} numbers, one per row", f"shape {weights.shape}")
    bad = np.flatnonzero(~(np.isfinite(weights) & (weights >= 0)))
    if len(bad):
        raise _bad_weights("be finite and at least 0", f"{weights[bad[0]]} in row {bad[0]}")
    if not weights.any():
        raise _bad_weights("be above 0 for at least one row", "that every weight is zero")
    return None if (weights == 1).all() else weights


def _bad_weights(must: str, found: str) -> InputError:
    return InputError("sample_weight", must, found, "A row of weight 2 counts as two rows, a row of weight 0 as none.")
