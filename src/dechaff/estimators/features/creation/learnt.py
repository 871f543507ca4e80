"""Created features that learn from training rows: bins, counts of categories, target encoding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dechaff.core.table import Column, Table
from dechaff.estimators.features.creation.creation import category_column, number_column
from dechaff.typing import Labels

N_BINS = 10
SMOOTHING = 10.0
"""Rows of the prior in each mean of a target encoding."""
_FOLDS = 5


@dataclass(frozen=True)
class Bins:
    """A number in ten ranges with as many training rows each, as categories."""

    column: str

    @property
    def name(self) -> str:
        """``column in bins``."""
        return f"{self.column} in bins"

    @property
    def columns(self) -> tuple[str, ...]:
        """The number."""
        return (self.column,)

    def fit(self, table: Table, codes: Labels, n_classes: int, *, seed: int) -> tuple[FittedBins, tuple[Column, ...]]:
        """The edges are quantiles."""
        fitted = FittedBins(self.name, self.column, bin_edges(table[self.column]))
        return fitted, fitted.made(table)


def bin_edges(column: Column) -> npt.NDArray[np.float64]:
    """(m,) ascending, the edges between ranges: up to nine quantiles of the known numbers."""
    known = column.values[~column.missing & np.isfinite(column.values)]
    return np.unique(np.quantile(known, np.arange(1, N_BINS) / N_BINS)) if len(known) else np.zeros(0)


@dataclass(frozen=True)
class FittedBins:
    """The edges of the ranges."""

    name: str
    column: str
    edges: npt.NDArray[np.float64]

    def made(self, table: Table) -> tuple[Column, ...]:
        """The range of each row."""
        known = table[self.column]
        codes = np.searchsorted(self.edges, known.values, side="right")
        return (category_column(self.name, np.where(known.missing, -1, codes)),)


@dataclass(frozen=True)
class Count:
    """How many training rows have the same category."""

    column: str

    @property
    def name(self) -> str:
        """``count of column``."""
        return f"count of {self.column}"

    @property
    def columns(self) -> tuple[str, ...]:
        """The category."""
        return (self.column,)

    def fit(self, table: Table, codes: Labels, n_classes: int, *, seed: int) -> tuple[FittedCount, tuple[Column, ...]]:
        """Missing cells are a category, too."""
        levels, counts = np.unique(table[self.column].values.astype(str), return_counts=True)
        fitted = FittedCount(self.name, self.column, dict(zip(levels.tolist(), counts.tolist(), strict=True)))
        return fitted, fitted.made(table)


@dataclass(frozen=True)
class FittedCount:
    """The number of rows of each category."""

    name: str
    column: str
    counts: Mapping[str, int]

    def made(self, table: Table) -> tuple[Column, ...]:
        """0 for a new category."""
        cells = table[self.column].values.tolist()
        return (number_column(self.name, np.array([self.counts.get(str(one), 0) for one in cells])),)


@dataclass(frozen=True)
class TargetEncoding:
    """How frequent each class is among training rows of the same category, drawn towards how frequent it is in all.

    Training rows get the frequencies among other folds, because their own label would be part of them. Of two classes,
    the second one alone is counted.

    Source
    ------
    Micci-Barreca (2001), A preprocessing scheme for high-cardinality categorical attributes, SIGKDD Expl. 3; cross
    fitting as in scikit-learn's ``TargetEncoder``.
    """

    column: str

    @property
    def name(self) -> str:
        """``column, target-encoded``."""
        return f"{self.column}, target-encoded"

    @property
    def columns(self) -> tuple[str, ...]:
        """The category."""
        return (self.column,)

    def fit(self, table: Table, codes: Labels, n_classes: int, *, seed: int) -> tuple[FittedMeans, tuple[Column, ...]]:
        """Means by level for new rows, and cross-fitted ones for these."""
        levels, places = np.unique(table[self.column].values.astype(str), return_inverse=True)
        classes = [1] if n_classes == 2 else list(range(n_classes))
        hits = np.stack([codes == one for one in classes], axis=1).astype(np.float64)
        means, prior = _level_means(places, hits, len(levels))
        names = [self.name] if len(classes) == 1 else [f"{self.name}, class {one + 1}" for one in classes]
        fold = np.random.default_rng([seed, 7]).permutation(len(codes)) % _FOLDS
        crossed = np.empty_like(hits)
        for one in range(_FOLDS):
            rest = fold != one
            crossed[~rest] = _level_means(places[rest], hits[rest], len(levels))[0][places[~rest]]
        fitted = FittedMeans(tuple(names), self.column, dict(zip(levels.tolist(), means.tolist(), strict=True)), prior)
        return fitted, tuple(number_column(name, crossed[:, at]) for at, name in enumerate(names))


def _level_means(
    places: npt.NDArray[np.int64], hits: npt.NDArray[np.float64], n_levels: int
) -> tuple[npt.NDArray[np.float64], tuple[float, ...]]:
    """(levels, classes) smoothed frequencies of the classes, and the frequencies in all rows."""
    prior = hits.mean(axis=0) if len(hits) else np.zeros(hits.shape[1])
    sums = np.zeros((n_levels, hits.shape[1]))
    np.add.at(sums, places, hits)
    counts = np.bincount(places, minlength=n_levels)[:, None]
    return (sums + SMOOTHING * prior) / (counts + SMOOTHING), tuple(prior.tolist())


@dataclass(frozen=True)
class FittedMeans:
    """The frequencies of the classes by category."""

    names: tuple[str, ...]
    column: str
    means: Mapping[str, list[float]]
    prior: tuple[float, ...]

    def made(self, table: Table) -> tuple[Column, ...]:
        """New categories get the frequencies in all rows."""
        cells = table[self.column].values.tolist()
        values = np.array([self.means.get(str(one), self.prior) for one in cells]).reshape(len(cells), len(self.names))
        return tuple(number_column(name, values[:, at]) for at, name in enumerate(self.names))
