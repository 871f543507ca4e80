"""Small data sets and a cheap model for the tests and the benchmark of `prove`."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from dechaff.core.table import Column, Table
from dechaff.data.dataset import Dataset, Schema
from dechaff.recipe.prove.prove import Proof, prove_parts
from dechaff.recipe.prove.training import Trainings


def prove(before: Dataset, after: Dataset, test: Dataset, **trainings: Any) -> Proof:
    """A proof on test rows in memory; ``trainings`` are the fields of `Trainings`."""
    return prove_parts(before, after, lambda: (test,), Trainings(**trainings))


def column(name: str, values: Any, kind: str = "numeric") -> Column:
    """A column whose raw text is its values' text."""
    array = np.asarray(values, dtype=np.float64 if kind in ("numeric", "datetime") else object)
    missing = np.isnan(array) if array.dtype.kind == "f" else array == ""
    return Column(name, kind, array, missing, np.array([str(v) for v in array], dtype=object))  # type: ignore[arg-type]


def dataset(
    columns: dict[str, Any], codes: Any, *, class_names: tuple[str, ...] = ("no", "yes"), ids: Any = None
) -> Dataset:
    """Rows from arrays: numbers are numeric, strings are text."""
    made = tuple(column(name, v, "text" if isinstance(v[0], str) else "numeric") for name, v in columns.items())
    n = len(codes)
    return Dataset(
        table=Table(made, n),
        codes=np.asarray(codes, dtype=np.int64),
        class_names=class_names,
        ids=np.array([str(i) for i in (range(n) if ids is None else ids)], dtype=object),
        id_name="" if ids is None else "id",
        keys=np.array([f"{i:016x}:0" for i in range(n)], dtype=object),
        positions=np.arange(n),
        groups=np.full(n, -1),
        label_name="label",
        probs=None,
        features=None,
        assumptions=(),
        source=SimpleNamespace(sha256="5ea1"),  # type: ignore[arg-type]
        schema=Schema((), "label", "", "", class_names),
    )


def blobs(n: int, *, seed: int, k: int = 2, d: int = 4, apart: float = 1.2) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Columns and true codes of k overlapping classes."""
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, k, n)
    centres = np.random.default_rng(99).normal(size=(k, d))
    centres *= apart / np.linalg.norm(centres - centres.mean(axis=0), axis=1, keepdims=True)
    x = centres[codes] + rng.normal(size=(n, d))
    return {f"x{j}": x[:, j] for j in range(d)}, codes


def flipped(codes: np.ndarray, share: float, *, seed: int, k: int = 2) -> np.ndarray:
    """A fraction of the codes turned into another class."""
    rng = np.random.default_rng(seed)
    out = codes.copy()
    rows = rng.permutation(len(codes))[: round(share * len(codes))]
    out[rows] = (codes[rows] + rng.integers(1, k, len(rows))) % k
    return out


def numbers(table: Table) -> np.ndarray:
    """Numeric columns as a matrix."""
    return np.column_stack([c.values for c in table.of_kind("numeric")])


@dataclass(frozen=True)
class Neighbours:
    """Fraction of each class among the m nearest training rows: cheap, and label noise hurts it."""

    m: int = 3
    name: str = "nearest neighbours"

    def bind(self, table: Table, features: Any, n_classes: int, *, seed: int) -> Any:
        """Fit and predict rows of one table."""

        def fit_predict(fit_rows: Any, fit_codes: Any, predict_rows: Any) -> Any:
            fitted = self.fit(table.take(fit_rows), None, fit_codes, n_classes, seed=seed)
            return fitted.probs(table.take(predict_rows))

        return fit_predict

    def fit(self, table: Table, features: Any, codes: Any, n_classes: int, *, seed: int, weight: Any = None) -> Any:
        """Remember the rows."""
        return _Remembered(numbers(table), np.eye(n_classes)[codes], self.m)


@dataclass(frozen=True)
class _Remembered:
    x: np.ndarray
    one_hot: np.ndarray
    m: int

    def probs(self, table: Table, features: Any = None) -> np.ndarray:
        new = numbers(table)
        distance = (new**2).sum(axis=1)[:, None] - 2 * new @ self.x.T + (self.x**2).sum(axis=1)[None]
        nearest = np.argpartition(distance, self.m, axis=1)[:, : self.m]
        return self.one_hot[nearest].mean(axis=1)


@dataclass(frozen=True)
class LeastSquares:
    """Linear regression on one-hot classes, in closed form: a fit takes less than a millisecond."""

    name: str = "least squares"

    def fit(self, table: Table, features: Any, codes: Any, n_classes: int, *, seed: int, weight: Any = None) -> Any:
        """Solve the normal equations."""
        x = np.column_stack([np.ones(len(table)), numbers(table)])
        coef = np.linalg.solve(x.T @ x + 1e-3 * np.eye(x.shape[1]), x.T @ np.eye(n_classes)[codes])
        return _Linear(coef)


@dataclass(frozen=True)
class _Linear:
    coef: np.ndarray

    def probs(self, table: Table, features: Any = None) -> np.ndarray:
        score = np.clip(np.column_stack([np.ones(len(table)), numbers(table)]) @ self.coef, 0.01, None)
        return score / score.sum(axis=1, keepdims=True)
