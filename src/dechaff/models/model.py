"""A model: options that are bound to a table for cross-validation, or fitted to predict new rows.

Every model has an *encoder* (columns to numbers, without labels) and a *learner* (numbers and labels to
probabilities). Because the encoder never reads labels, it runs once on all rows, and all folds share its matrix.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from dechaff.core.table import Table
from dechaff.models.single_threaded import single_threaded
from dechaff.typing import FitPredict

Matrix: TypeAlias = Any
"""Dense array, scipy.sparse CSR matrix or data frame with one row per example."""
Codes: TypeAlias = npt.NDArray[np.int64]
Probabilities: TypeAlias = npt.NDArray[np.float64]
GivenFeatures: TypeAlias = npt.NDArray[Any] | None


class Fitted(Protocol):
    """A model that predicts new rows."""

    def probs(self, table: Table, features: GivenFeatures = None) -> Probabilities:
        """(m, k) probabilities of the rows of a table with the same columns."""


class Model(Protocol):
    """Options of a model; holds no data."""

    @property
    def name(self) -> str:
        """The name of the model in reports."""

    def bind(self, table: Table, features: GivenFeatures, n_classes: int, *, seed: int) -> FitPredict:
        """Encode the rows once, without labels."""

    def fit(
        self,
        table: Table,
        features: GivenFeatures,
        codes: Codes,
        n_classes: int,
        *,
        seed: int,
        weight: npt.NDArray[np.float64] | None = None,
    ) -> Fitted:
        """Train on all rows whose code is not -1."""


class Encoding(Protocol):
    """A fitted encoder."""

    def transform(self, table: Table, features: GivenFeatures) -> Matrix:
        """The rows of a table with the same columns as numbers (n, d)."""


class Encoder(Protocol):
    """Turns columns into numbers without labels."""

    def fit(self, table: Table, features: GivenFeatures, n_classes: int, *, seed: int) -> tuple[Encoding, Matrix]:
        """The encoding, and the encoded rows (n, d)."""


@dataclass(frozen=True)
class TrainingRows:
    """What a learner is trained on: n rows with their codes, and weights if they count differently."""

    matrix: Matrix
    codes: Codes
    encoding: Encoding | None = None
    weight: npt.NDArray[np.float64] | None = None

    @property
    def n_classes(self) -> int:
        """Number of classes; each has a row."""
        return int(self.codes.max()) + 1

    def votes(self) -> npt.NDArray[np.float64]:
        """(n,) weight of each row; 1 if none are given."""
        return np.ones(len(self.codes)) if self.weight is None else np.asarray(self.weight, dtype=np.float64)


class Predictor(Protocol):
    """A fitted learner."""

    def probs(self, matrix: Matrix) -> Probabilities:
        """(m, k) probabilities of the training classes; rows sum to 1."""


class Learner(Protocol):
    """Learns class probabilities from numbers; codes are 0 … k-1, and every class has a row."""

    def learn(self, rows: TrainingRows, *, seed: int) -> Predictor:
        """Train on all rows of the matrix (n, d), with codes (n,) and weights (n,)."""


@dataclass(frozen=True)
class EncodedModel:
    """A model made of an encoder and a learner."""

    name: str
    encoder: Encoder
    learner: Learner

    def bind(self, table: Table, features: GivenFeatures, n_classes: int, *, seed: int) -> EncodedBound:
        """Encode the rows once, for all folds."""
        with single_threaded():
            encoding, matrix = self.encoder.fit(table, features, n_classes, seed=seed)
        if hasattr(matrix, "indptr"):  # others may be arrays of the user's
            for array in (matrix.data, matrix.indices, matrix.indptr):
                _fix(array)
        return EncodedBound(self.learner, encoding, matrix, n_classes, seed)

    def fit(
        self,
        table: Table,
        features: GivenFeatures,
        codes: Codes,
        n_classes: int,
        *,
        seed: int,
        weight: npt.NDArray[np.float64] | None = None,
    ) -> EncodedFitted:
        """Encode all rows, and train on those whose code is not -1."""
        rows = np.flatnonzero(codes >= 0)
        bound = self.bind(table, features, n_classes, seed=seed)
        return bound.fitted(rows, codes[rows], weight=None if weight is None else weight[rows])


@dataclass(frozen=True)
class EncodedBound:
    """Trains on some rows of one matrix and predicts others: a `FitPredict`."""

    learner: Learner
    encoding: Encoding
    matrix: Matrix
    n_classes: int
    seed: int

    def __call__(self, fit_rows: Codes, fit_codes: Codes, predict_rows: Codes) -> Probabilities:
        """(m, k) probabilities of `predict_rows` by a model trained on `fit_rows` only."""
        with single_threaded():
            fitted = self.fitted(fit_rows, fit_codes)
            return fitted.probs_of(take_rows(self.matrix, predict_rows))

    def fitted(
        self, fit_rows: Codes, fit_codes: Codes, *, weight: npt.NDArray[np.float64] | None = None
    ) -> EncodedFitted:
        """A model trained on `fit_rows` only, which predicts new rows; it only learns the classes that they have."""
        seen, codes = np.unique(fit_codes, return_inverse=True)
        predictor = None
        with single_threaded():
            rows = TrainingRows(take_rows(self.matrix, fit_rows), codes.astype(np.int64), self.encoding, weight)
            if len(seen) > 1:
                predictor = self.learner.learn(rows, seed=self.seed)
        return EncodedFitted(self.encoding, predictor, seen, self.n_classes)


@dataclass(frozen=True)
class EncodedFitted:
    """A fitted model: encoding, the classes in the training rows, and their predictor if there are several."""

    encoding: Encoding
    predictor: Predictor | None
    seen: Codes
    n_classes: int

    def probs(self, table: Table, features: GivenFeatures = None) -> Probabilities:
        """(m, k) probabilities of the rows of a table with the same columns."""
        with single_threaded():
            return self.probs_of(self.encoding.transform(table, features))

    def probs_of(self, matrix: Matrix) -> Probabilities:
        """The same of encoded rows: 0 for classes that the training rows lack, 1 if they have one class only."""
        wide = np.zeros((matrix.shape[0], self.n_classes))
        if len(wide) == 0:
            return wide
        wide[:, self.seen] = 1.0 if self.predictor is None else self.predictor.probs(matrix)
        if len(self.seen) == 0:
            wide[:] = 1.0 / self.n_classes
        return np.asarray(wide / wide.sum(axis=1, keepdims=True))


def _fix(array: Any) -> None:
    """Makes an array read-only: processes share what cannot change, instead of being sent copies of it."""
    while array is not None:
        array.flags.writeable = False
        array = array.base


def take_rows(matrix: Matrix, rows: Codes) -> Matrix:
    """The given rows of a dense array, a sparse matrix or a data frame."""
    return matrix.iloc[rows] if hasattr(matrix, "iloc") else matrix[rows]
