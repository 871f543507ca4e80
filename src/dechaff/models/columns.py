"""Columns as data frames, and as numbers for linear models and for trees; given features, standardised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.core.codes import Codes
from dechaff.core.table import Column, Table
from dechaff.errors import InputError, MissingExtraError
from dechaff.models.model import GivenFeatures, Matrix
from dechaff.models.text import TextEncoder, TextEncoding


def frame_of(columns: Sequence[Column]) -> Any:
    """A data frame with numbers and dates as floats (missing: NaN), and all else as str (missing: None)."""
    values = {column.name: _values(column) for column in columns}
    try:
        return pandas_frame(values)
    except MissingExtraError:
        import polars

        return polars.DataFrame({name: list(v) if v.dtype == object else v for name, v in values.items()})


def pandas_frame(columns: Mapping[str, Any], *, index: Any = None) -> Any:
    """A pandas data frame; arrays keep their type, and pandas infers that of lists.

    Raises
    ------
    MissingExtraError
        If pandas is not installed.
    """
    try:
        import pandas
    except ImportError as absent:
        raise MissingExtraError.of("pandas", "pandas", "to give a pandas data frame") from absent
    return pandas.DataFrame(
        {name: pandas.Series(v, dtype=getattr(v, "dtype", None), index=index) for name, v in columns.items()}
    )


def _values(column: Column) -> npt.NDArray[Any]:
    if column.kind in ("numeric", "datetime"):
        return np.asarray(column.values, dtype=np.float64)
    if column.kind == "text":
        return np.asarray(column.values, dtype=object)
    values = np.array(column.values, dtype=object)
    values[column.missing] = None
    return values


def frequent_levels(column: Column) -> tuple[str, ...]:
    """Up to `MAX_LEVELS` levels that occur twice or more (others name rows), the most frequent first; ties by name."""
    names, codes = _texts(column)
    counts = np.bincount(codes[~column.missing], minlength=len(names))
    order = np.argsort(-counts, kind="stable")
    kept = order[counts[order] >= 2][:MAX_LEVELS]
    return tuple(str(name) for name in names[kept])


def level_codes(column: Column, levels: Sequence[str]) -> npt.NDArray[np.int64]:
    """(n,) position of each row's level; ``len(levels)`` for any other level, -1 = missing."""
    place = {level: position for position, level in enumerate(levels)}
    names, inverse = _texts(column)
    positions = np.fromiter((place.get(str(name), len(levels)) for name in names), dtype=np.int64, count=len(names))
    codes = positions[inverse]
    codes[column.missing] = -1
    return np.asarray(codes)


def _texts(column: Column) -> tuple[npt.NDArray[Any], Codes]:
    """The distinct values as texts, ascending, and (n,) which of them each row has."""
    if column.values is column.raw:  # its distinct cells are known, or found once
        return column.distinct.values, column.distinct.codes
    values, codes = np.unique(np.asarray(column.values, dtype=object).astype(str), return_inverse=True)
    return values, codes


MAX_LEVELS = 250
"""Most one-hot columns, or codes for trees, per categorical column; histograms of trees have 255 bins."""
CLIP = 6.0
"""Numbers are clipped at this many standard deviations, so that one outlier cannot dominate the weights."""


@dataclass(frozen=True)
class LinearEncoder:
    """Numbers and dates scaled to unit variance, categories one-hot, texts as TF-IDF, side by side."""

    def fit(self, table: Table, features: GivenFeatures, n_classes: int, *, seed: int) -> tuple[LinearEncoding, Matrix]:
        """Means, standard deviations, levels and vocabulary of the rows, and their matrix (n, d)."""
        scales = {column.name: _scale(column) for column in table.of_kind("numeric", "datetime")}
        levels = {column.name: frequent_levels(column) for column in table.of_kind("categorical")}
        text, block = None, None
        if table.of_kind("text"):
            text, block = TextEncoder().fit(table, features, n_classes, seed=seed)
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


LARGEST = 1e38
"""Larger numbers and infinity count as missing, because trees compare in float32."""
TOPICS = 32
"""Number of singular vectors that represent the texts."""


@dataclass(frozen=True)
class TreeEncoder:
    """Numbers with NaN = missing, categories as codes by frequency, texts as topics (truncated SVD of TF-IDF).

    Source
    ------
    Deerwester, Dumais, Furnas, Landauer, Harshman (1990), latent semantic analysis, JASIS 41.
    """

    def fit(self, table: Table, features: GivenFeatures, n_classes: int, *, seed: int) -> tuple[TreeEncoding, Matrix]:
        """Levels of the categories, singular vectors of the texts, and the matrix (n, d)."""
        levels = {column.name: frequent_levels(column) for column in table.of_kind("categorical")}
        numbers = tuple(column.name for column in table.of_kind("numeric", "datetime"))
        text, directions = None, None
        if table.of_kind("text"):
            text, matrix = TextEncoder().fit(table, None, n_classes, seed=seed)
            directions = leading_directions(matrix, n_iter=4, seed=seed)
        encoding = TreeEncoding(numbers, levels, text, directions)
        return encoding, encoding.transform(table, features)


@dataclass(frozen=True)
class TreeEncoding:
    """Names of the numbers, levels of the categories, singular vectors (d, topics) of the texts."""

    numbers: tuple[str, ...]
    levels: dict[str, tuple[str, ...]]
    text: TextEncoding | None
    directions: npt.NDArray[Any] | None

    @property
    def categorical(self) -> npt.NDArray[np.bool_]:
        """(d,) which columns of the matrix are codes."""
        topics = 0 if self.directions is None else self.directions.shape[1]
        return np.repeat([False, True, False], [len(self.numbers), len(self.levels), topics])

    def transform(self, table: Table, features: GivenFeatures) -> Matrix:
        """Rows (n, d) in float64: numbers, codes, topics."""
        numbers = [_comparable(table[name].values) for name in self.numbers]
        codes = [level_codes(table[name], levels).astype(np.float64) for name, levels in self.levels.items()]
        columns = numbers + [np.where(code < 0, np.nan, code) for code in codes]
        if self.text is not None:
            columns += list(np.asarray(self.text.transform(table, features) @ self.directions, dtype=np.float64).T)
        return np.column_stack(columns)


def _comparable(values: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    numbers = np.asarray(values, dtype=np.float64)
    return np.where(np.abs(numbers) < LARGEST, numbers, np.nan)


def leading_directions(matrix: Matrix, *, n_iter: int, seed: int) -> npt.NDArray[Any]:
    """The directions (d, topics) in which the rows of a matrix (n, d) vary most, in float32."""
    from sklearn.utils.extmath import randomized_svd

    n_topics = min(TOPICS, min(matrix.shape) - 1)
    if n_topics < 1:
        return np.zeros((matrix.shape[1], 0), dtype=np.float32)
    directions = randomized_svd(matrix, n_topics, n_iter=n_iter, random_state=seed)[2]
    return np.asarray(directions.T, dtype=np.float32)


@dataclass(frozen=True)
class EmbeddingEncoder:
    """Centres each feature and divides it by its standard deviation; constant features become 0."""

    def fit(
        self, table: Table, features: GivenFeatures, n_classes: int, *, seed: int
    ) -> tuple[EmbeddingEncoding, Matrix]:
        """Mean and standard deviation of each feature, and the standardised rows (n, d)."""
        given = _required(features)
        middle, spread = given.mean(axis=0), given.std(axis=0)
        spread = np.where(spread > 1e-9 * np.maximum(1.0, np.abs(middle)), spread, np.inf)
        encoding = EmbeddingEncoding(middle, spread)
        return encoding, encoding.transform(table, given)


@dataclass(frozen=True)
class EmbeddingEncoding:
    """Mean and standard deviation (d,) of the features."""

    middle: npt.NDArray[np.float64]
    spread: npt.NDArray[np.float64]

    def transform(self, table: Table, features: GivenFeatures) -> Matrix:
        """Rows (n, d) in float32."""
        return ((_required(features) - self.middle) / self.spread).astype(np.float32)


def _required(features: GivenFeatures) -> npt.NDArray[Any]:
    if features is None:
        raise InputError(
            "features",
            "be given, because the model was trained on given features",
            "none",
            "Pass the features of these rows, computed as for the training rows.",
        )
    return np.asarray(features, dtype=np.float64)
