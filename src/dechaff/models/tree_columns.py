"""Columns as numbers for trees: numbers unchanged, categories as codes, texts as a few topics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.core.table import Table
from dechaff.models.levels import frequent_levels, level_codes
from dechaff.models.model import GivenFeatures, Matrix
from dechaff.models.text import TextEncoder, TextEncoding

MAX_LEVELS = 250
"""Most levels with a code of their own; the trees' histograms have 255 bins."""
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
        levels = {column.name: frequent_levels(column, at_most=MAX_LEVELS) for column in table.of_kind("categorical")}
        numbers = tuple(column.name for column in table.of_kind("numeric", "datetime"))
        text, directions = (None, None) if not table.of_kind("text") else _topics(table, n_classes, seed)
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
        numbers = [_finite(table[name].values) for name in self.numbers]
        codes = [level_codes(table[name], levels).astype(np.float64) for name, levels in self.levels.items()]
        columns = numbers + [np.where(code < 0, np.nan, code) for code in codes]
        if self.text is not None:
            columns += list(np.asarray(self.text.transform(table, features) @ self.directions, dtype=np.float64).T)
        return np.column_stack(columns)


def _finite(values: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    numbers = np.asarray(values, dtype=np.float64)
    return np.where(np.abs(numbers) < LARGEST, numbers, np.nan)


def _topics(table: Table, n_classes: int, seed: int) -> tuple[TextEncoding, npt.NDArray[Any]]:
    from sklearn.utils.extmath import randomized_svd

    encoding, matrix = TextEncoder().fit(table, None, n_classes, seed=seed)
    n_topics = min(TOPICS, min(matrix.shape) - 1)
    if n_topics < 1:
        return encoding, np.zeros((matrix.shape[1], 0), dtype=np.float32)
    _, _, directions = randomized_svd(matrix, n_topics, n_iter=4, random_state=seed)
    return encoding, directions.T.astype(np.float32)
