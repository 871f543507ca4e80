"""Given features (embeddings) as numbers on one scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.core.table import Table
from dechaff.errors import InputError
from dechaff.models.model import GivenFeatures, Matrix


@dataclass(frozen=True)
class EmbeddingEncoder:
    """Each feature centred, and divided by its spread; features that never vary become 0."""

    def fit(
        self, table: Table, features: GivenFeatures, n_classes: int, *, seed: int
    ) -> tuple[EmbeddingEncoding, Matrix]:
        """Middle and spread of every feature."""
        given = _required(features)
        middle, spread = given.mean(axis=0), given.std(axis=0)
        spread = np.where(spread > 1e-9 * np.maximum(1.0, np.abs(middle)), spread, np.inf)
        encoding = EmbeddingEncoding(middle, spread)
        return encoding, encoding.transform(table, given)


@dataclass(frozen=True)
class EmbeddingEncoding:
    """Middle and spread (d,) of the features."""

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
            "Hand in the features of these rows, made as those of the training rows were.",
        )
    return np.asarray(features, dtype=np.float64)
