"""Given features (embeddings), standardised."""

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
