"""What a model is here: options that can be bound to a table for cross-validation, or fitted for new rows.

Every model is an *encoder* (columns to numbers, learnt without labels) and a *learner* (numbers and labels
to probabilities). Because the encoder never reads labels, it runs once over the training rows and all
folds share its matrix.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from dechaff.core.table import Table
from dechaff.models.single_threaded import single_threaded

Matrix: TypeAlias = Any
"""Dense array, scipy.sparse CSR matrix or data frame: one row an example."""
Codes: TypeAlias = npt.NDArray[np.int64]
Probabilities: TypeAlias = npt.NDArray[np.float64]
GivenFeatures: TypeAlias = npt.NDArray[Any] | None


class Bound(Protocol):
    """A model whose representation of the training rows is ready: the FitPredict of ``dechaff.typing``."""

    def __call__(self, fit_rows: Codes, fit_codes: Codes, predict_rows: Codes) -> Probabilities:
        """Probabilities (m, k) of `predict_rows`, learnt from `fit_rows`; classes unseen there get 0."""
        ...


class Fitted(Protocol):
    """A model ready for new rows."""

    def probs(self, table: Table, features: GivenFeatures = None) -> Probabilities:
        """Probabilities (m, k) of the rows of a table with the same columns."""
        ...


class Model(Protocol):
    """Options of a model; holds no data."""

    @property
    def name(self) -> str:
        """The model in words for people."""
        ...

    def bind(self, table: Table, features: GivenFeatures, n_classes: int, *, seed: int) -> Bound:
        """Compute the representation of the rows once, without labels."""
        ...

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
        """Learn from all rows whose code is not -1."""
        ...


class Encoding(Protocol):
    """What an encoder learnt from the columns."""

    def transform(self, table: Table, features: GivenFeatures) -> Matrix:
        """The rows of a table with the same columns as numbers."""
        ...


class Encoder(Protocol):
    """Turns columns into numbers without looking at labels."""

    def fit(self, table: Table, features: GivenFeatures, n_classes: int, *, seed: int) -> tuple[Encoding, Matrix]:
        """The encoding, and the matrix of the rows it was learnt from."""
        ...


class Predictor(Protocol):
    """What a learner learnt."""

    def probs(self, matrix: Matrix) -> Probabilities:
        """Probabilities of the classes that were seen, rows sum to 1."""
        ...


class Learner(Protocol):
    """Learns probabilities from numbers; codes run from 0 and every class has a row."""

    def learn(
        self,
        matrix: Matrix,
        codes: Codes,
        encoding: Encoding,
        *,
        seed: int,
        weight: npt.NDArray[np.float64] | None = None,
    ) -> Predictor:
        """Learn from all rows of the matrix."""
        ...


@dataclass(frozen=True)
class EncodedModel:
    """A model made of an encoder and a learner."""

    name: str
    encoder: Encoder
    learner: Learner

    def bind(self, table: Table, features: GivenFeatures, n_classes: int, *, seed: int) -> EncodedBound:
        """Encode the rows once; folds then only learn."""
        with single_threaded():
            encoding, matrix = self.encoder.fit(table, features, n_classes, seed=seed)
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
        """Encode and learn from every row whose code is not -1."""
        rows = np.flatnonzero(codes >= 0)
        with single_threaded():
            encoding, matrix = self.encoder.fit(table, features, n_classes, seed=seed)
            seen, predictor = learnt(
                self.learner,
                take_rows(matrix, rows),
                codes[rows],
                encoding,
                seed=seed,
                weight=None if weight is None else weight[rows],
            )
        return EncodedFitted(encoding, predictor, seen, n_classes)


@dataclass(frozen=True)
class EncodedBound:
    """Learns on some rows of one matrix and predicts others."""

    learner: Learner
    encoding: Encoding
    matrix: Matrix
    n_classes: int
    seed: int

    def __call__(self, fit_rows: Codes, fit_codes: Codes, predict_rows: Codes) -> Probabilities:
        """Probabilities of `predict_rows` from a model that has seen `fit_rows` only."""
        with single_threaded():
            seen, predictor = learnt(
                self.learner, take_rows(self.matrix, fit_rows), fit_codes, self.encoding, seed=self.seed
            )
            return widened(predictor, seen, take_rows(self.matrix, predict_rows), len(predict_rows), self.n_classes)


@dataclass(frozen=True)
class EncodedFitted:
    """Everything that new rows need: encoding, predictor and the classes that were seen."""

    encoding: Encoding
    predictor: Predictor | None
    seen: Codes
    n_classes: int

    def probs(self, table: Table, features: GivenFeatures = None) -> Probabilities:
        """Probabilities (m, k) of the rows of a table with the same columns."""
        with single_threaded():
            matrix = self.encoding.transform(table, features)
            return widened(self.predictor, self.seen, matrix, len(table), self.n_classes)


def take_rows(matrix: Matrix, rows: Codes) -> Matrix:
    """Some rows of a dense array, a sparse matrix or a data frame."""
    return matrix.iloc[rows] if hasattr(matrix, "iloc") else matrix[rows]


def learnt(
    learner: Learner,
    matrix: Matrix,
    codes: Codes,
    encoding: Encoding,
    *,
    seed: int,
    weight: npt.NDArray[np.float64] | None = None,
) -> tuple[Codes, Predictor | None]:
    """The classes that were seen, and the predictor over them; None where there was only one."""
    seen, dense = np.unique(codes, return_inverse=True)
    if len(seen) < 2:
        return seen, None
    return seen, learner.learn(matrix, dense.astype(np.int64), encoding, seed=seed, weight=weight)


def widened(predictor: Predictor | None, seen: Codes, matrix: Matrix, n_rows: int, n_classes: int) -> Probabilities:
    """Probabilities over all classes: 0 for those not seen, 1 for the only one seen."""
    wide = np.zeros((n_rows, n_classes))
    if n_rows == 0:
        return wide
    wide[:, seen] = 1.0 if predictor is None else predictor.probs(matrix)
    if len(seen) == 0:
        wide[:] = 1.0 / n_classes
    return np.asarray(wide / wide.sum(axis=1, keepdims=True))
