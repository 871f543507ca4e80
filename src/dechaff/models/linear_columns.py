"""Columns as numbers for linear models: standardised numbers, one-hot categories, missing indicators."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from dechaff.core.table import Column, Table
from dechaff.models.levels import frequent_levels, level_codes
from dechaff.models.model import GivenFeatures, Matrix
from dechaff.models.text import TextEncoder, TextEncoding

MAX_LEVELS = 250
"""Most one-hot columns per categorical column."""
CLIP = 6.0
"""Numbers are clipped at this many standard deviations, so that one outlier cannot dominate the weights."""


@dataclass(frozen=True)
class LinearEncoder:
    """Numbers and dates scaled to unit variance, categories one-hot, texts as TF-IDF, side by side."""

    text: TextEncoder = field(default_factory=TextEncoder)

    def fit(self, table: Table, features: GivenFeatures, n_classes: int, *, seed: int) -> tuple[LinearEncoding, Matrix]:
        """Means, standard deviations, levels and vocabulary of the rows, and their matrix (n, d)."""
        scales = {column.name: _scale(column) for column in table.of_kind("numeric", "datetime")}
        levels = {
            column.name: frequent_levels(column, at_most=MAX_LEVELS, at_least=2)
            for column in table.of_kind("categorical")
        }
        if not table.of_kind("text"):
            encoding = LinearEncoding(scales, levels, None)
            return encoding, encoding.transform(table, features)
        text, block = self.text.fit(table, features, n_classes, seed=seed)
        encoding = LinearEncoding(scales, levels, text)
        return encoding, _beside(encoding.columns(table), block)


@dataclass(frozen=True)
class LinearEncoding:
    """Mean, standard deviation and "has missing values" of each number; levels of categories; weights of texts."""

    scales: dict[str, tuple[float, float, bool]]
    levels: dict[str, tuple[str, ...]]
    text: TextEncoding | None

    def transform(self, table: Table, features: GivenFeatures) -> Matrix:
        """Rows (n, d): dense if all columns are numbers, else CSR."""
        block = None if self.text is None else self.text.transform(table, features)
        return _beside(self.columns(table), block)

    def columns(self, table: Table) -> list[Matrix]:
        """One block per column that is not text."""
        numbers = [_scaled(table[name], *scale) for name, scale in self.scales.items()]
        return numbers + [_one_hot(table[name], levels) for name, levels in self.levels.items()]


def _beside(blocks: list[Matrix], text: Matrix | None) -> Matrix:
    from scipy.sparse import hstack, issparse

    if text is None and not any(issparse(block) for block in blocks):
        return np.hstack(blocks)
    everything = blocks if text is None else [*blocks, text]
    return hstack(everything, format="csr", dtype=np.float32)


def _finite(column: Column) -> npt.NDArray[np.float64]:
    """The numbers; NaN if missing or infinite."""
    values = np.asarray(column.values, dtype=np.float64)
    return np.where(np.isfinite(values), values, np.nan)


def _scale(column: Column) -> tuple[float, float, bool]:
    values = _finite(column)
    present = values[~np.isnan(values)]
    if len(present) == 0:
        return 0.0, 1.0, False
    low, high = np.quantile(present, [0.001, 0.999])
    inside = np.clip(present, low, high)
    spread = float(inside.std())
    return float(inside.mean()), spread if spread > 0 else 1.0, len(present) < len(values)


def _scaled(column: Column, middle: float, spread: float, gaps: bool) -> npt.NDArray[np.float32]:
    """The number (missing: 0); with a missing indicator if training rows had missing values."""
    values = (_finite(column) - middle) / spread
    missing = np.isnan(values)
    number = np.clip(np.where(missing, 0.0, values), -CLIP, CLIP)
    block = np.column_stack([number, missing]) if gaps else number[:, None]
    return block.astype(np.float32)


def _one_hot(column: Column, levels: tuple[str, ...]) -> Matrix:
    """One column per level, one for other levels, one for missing."""
    from scipy.sparse import csr_matrix

    codes = level_codes(column, levels)
    places = np.where(codes < 0, len(levels) + 1, codes)
    ones = np.ones(len(codes), dtype=np.float32)
    return csr_matrix((ones, places, np.arange(len(codes) + 1)), shape=(len(codes), len(levels) + 2))
