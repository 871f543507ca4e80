"""The user's own scikit-learn estimator as a model: cloned, fitted and calibrated if it has no probabilities."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.core.row_hash import row_hash
from dechaff.core.table import Table
from dechaff.errors import InputError
from dechaff.models.columns import frame_of
from dechaff.models.model import (
    Codes,
    EncodedModel,
    GivenFeatures,
    Matrix,
    Model,
    Probabilities,
    TrainingRows,
    take_rows,
)
from dechaff.models.out_of_fold import stratified_group_folds
from dechaff.models.softmax import SoftmaxRegression, SoftmaxWeights

ROWS_TO_CALIBRATE = 3
"""Fewest rows per class to calibrate an estimator without probabilities, which takes three folds."""


def as_model(model: Any) -> Model:
    """A model of the user's: one of dechaff's own as it is, or a scikit-learn estimator as `user_model` wraps it."""
    own: Model = model if hasattr(model, "bind") else user_model(model)
    return own


def user_model(estimator: Any, *, name: str = "") -> EncodedModel:
    """A model around any scikit-learn classifier or pipeline; clones are fitted, never the estimator itself.

    The estimator gets the given features (n, d) if there are any, an array of str (n,) if the only feature column is
    text, and else a data frame of the feature columns (pandas if installed, else polars): numbers as floats with NaN,
    categories and texts as str or None, dates as seconds since 1970. Labels are codes 0 … k-1. An estimator with
    ``decision_function`` only is calibrated inside each fold.

    Parameters
    ----------
    estimator : scikit-learn classifier with ``predict_proba`` or ``decision_function``
    name : name in reports and errors; default: the class name, or those of the pipeline's steps

    Raises
    ------
    InputError
        If it is not an instance of such a classifier.

    Source
    ------
    Calibration: Platt (1999), Probabilistic outputs for support vector machines.

    Examples
    --------
    >>> from sklearn.naive_bayes import GaussianNB
    >>> user_model(GaussianNB()).name
    'GaussianNB'
    """
    called = name or _name_of(estimator)
    if isinstance(estimator, type) or not (hasattr(estimator, "fit") and hasattr(estimator, "get_params")):
        raise InputError(
            f"the model {called}",
            "be a scikit-learn estimator, an instance with fit and get_params",
            f"{type(estimator).__name__}",
            "Pass an instance such as LogisticRegression(), not a class or a function.",
        )
    if not (hasattr(estimator, "predict_proba") or hasattr(estimator, "decision_function")):
        raise InputError(
            f"the model {called}",
            "have predict_proba or decision_function",
            "neither",
            "Wrap it: sklearn.calibration.CalibratedClassifierCV(estimator) gives probabilities.",
        )
    return EncodedModel(called, GivenColumns(), EstimatorLearner(estimator, called))


@dataclass(frozen=True)
class GivenColumns:
    """No encoding: the columns in the form that the user's estimator expects."""

    def fit(self, table: Table, features: GivenFeatures, n_classes: int, *, seed: int) -> tuple[GivenShape, Matrix]:
        """The form of the rows, and the rows."""
        shape = GivenShape(features is not None, tuple(c.name for c in table.columns if c.kind != "identifier"))
        return shape, shape.transform(table, features)


@dataclass(frozen=True)
class GivenShape:
    """Whether features were given, and the names of the columns."""

    features: bool
    names: tuple[str, ...]

    def transform(self, table: Table, features: GivenFeatures) -> Matrix:
        """Features unchanged, a text column as an array of str, other columns as a data frame."""
        if self.features:
            return np.asarray(features, dtype=np.float64)
        columns = [table[name] for name in self.names]
        if len(columns) == 1 and columns[0].kind == "text":
            return np.asarray(columns[0].values, dtype=object)
        return frame_of(columns)


@dataclass(frozen=True)
class EstimatorLearner:
    """Fits clones of a scikit-learn estimator; ``name`` is its name in errors."""

    estimator: Any
    name: str

    def learn(self, rows: TrainingRows, *, seed: int) -> FittedEstimator | CalibratedEstimator:
        """A fitted clone, calibrated if it has no ``predict_proba``."""
        fitted = self._fitted(rows.matrix, rows.codes, seed, rows.weight)
        if hasattr(fitted, "predict_proba"):
            return FittedEstimator(fitted, self.name, rows.n_classes)
        return self._calibrated(fitted, rows.matrix, rows.codes, seed)

    def _fitted(self, matrix: Matrix, codes: Codes, seed: int, weight: npt.NDArray[np.float64] | None = None) -> Any:
        from sklearn.base import clone

        options = {} if weight is None else {"sample_weight": weight}
        try:
            copy = clone(self.estimator)
            unset = [name for name, value in copy.get_params().items() if value is None]
            seeds = {name: seed for name in unset if name.split("__")[-1] == "random_state"}
            return copy.set_params(**seeds).fit(matrix, codes, **options)
        except Exception as error:
            raise _failed(self.name, "fit the rows", error) from error

    def _calibrated(self, fitted: Any, matrix: Matrix, codes: Codes, seed: int) -> CalibratedEstimator:
        """Logistic regression on out-of-fold decision values."""
        counts = np.bincount(codes)
        kept = np.flatnonzero(counts >= ROWS_TO_CALIBRATE)
        rows = np.flatnonzero(counts[codes] >= ROWS_TO_CALIBRATE)
        if len(kept) < 2:
            raise InputError(
                f"the model {self.name}",
                f"have predict_proba, or {ROWS_TO_CALIBRATE} rows of two classes to be calibrated on",
                f"{len(kept)} such classes",
                "Use a model with predict_proba.",
            )
        folds = stratified_group_folds(
            codes[rows], np.full(len(rows), -1), row_hash(take_rows(matrix, rows)), n_folds=3, seed=seed
        )
        dense = np.searchsorted(kept, codes[rows])
        decisions = np.zeros((len(rows), 1 if len(kept) == 2 else len(kept)))
        for fold in range(3):
            fit, held_out = rows[folds != fold], rows[folds == fold]
            part = self._fitted(take_rows(matrix, fit), dense[folds != fold], seed)
            decisions[folds == fold] = _decisions(part, take_rows(matrix, held_out), self.name)
        full = fitted if len(kept) == len(counts) else self._fitted(take_rows(matrix, rows), dense, seed)
        curve = SoftmaxRegression(1.0).learn(TrainingRows(decisions, dense), seed=seed)
        return CalibratedEstimator(full, self.name, curve, kept, len(counts))


@dataclass(frozen=True)
class FittedEstimator:
    """A fitted estimator with ``predict_proba``."""

    estimator: Any
    name: str
    n_classes: int

    def probs(self, matrix: Matrix) -> Probabilities:
        """(m, k) checked and normalised output of ``predict_proba``."""
        try:
            found = np.asarray(self.estimator.predict_proba(matrix), dtype=np.float64)
        except Exception as error:
            raise _failed(self.name, "predict the rows", error) from error
        expected = (matrix.shape[0], self.n_classes)
        if found.shape != expected or not np.isfinite(found).all() or (found < 0).any():
            raise InputError(
                f"the model {self.name}",
                f"return finite probabilities of shape {expected}",
                f"shape {found.shape}, {int((~np.isfinite(found)).sum())} values that are not finite",
                "Check its predict_proba.",
            )
        total = found.sum(axis=1, keepdims=True)
        return np.where(total > 0, found / np.where(total > 0, total, 1.0), 1.0 / self.n_classes)


@dataclass(frozen=True)
class CalibratedEstimator:
    """A fitted estimator whose decision values are mapped to probabilities by logistic regression."""

    estimator: Any
    name: str
    curve: SoftmaxWeights
    kept: Codes
    n_classes: int

    def probs(self, matrix: Matrix) -> Probabilities:
        """(m, k) probabilities; 0 for classes too rare to calibrate."""
        wide = np.zeros((matrix.shape[0], self.n_classes))
        wide[:, self.kept] = self.curve.probs(_decisions(self.estimator, matrix, self.name))
        return wide


def _decisions(estimator: Any, matrix: Matrix, name: str) -> npt.NDArray[np.float64]:
    try:
        found = np.asarray(estimator.decision_function(matrix), dtype=np.float64)
    except Exception as error:
        raise _failed(name, "predict the rows", error) from error
    return found[:, None] if found.ndim == 1 else found


def _name_of(estimator: Any) -> str:
    kind = estimator if isinstance(estimator, type) else type(estimator)
    steps = getattr(estimator, "steps", None)
    return kind.__name__ if not steps else " → ".join(type(step).__name__ for _, step in steps)


def _failed(name: str, doing: str, error: Exception) -> InputError:
    why = str(error).strip().splitlines()[0] if str(error).strip() else "no message"
    return InputError(
        f"The model {name} could not {doing}: {type(error).__name__}: {why}",
        fix="It gets texts as an array of str, given features as a matrix, and any other columns as a data frame "
        "(numbers with NaN, categories as str or None).",
    )


def load_model_spec(spec: str) -> Any:
    """The estimator named by ``module:object`` on the command line; a class or function is called without arguments.

    The current folder is searched too, as by ``python -m``.

    Raises
    ------
    InputError
        If the module cannot be imported or has no such object.
    """
    module_name, _, attribute = spec.partition(":")
    if not module_name or not attribute:
        raise InputError("model", "be named as module:object", repr(spec), "For example --model my_models:pipeline.")
    here = str(Path.cwd())
    added = here not in sys.path
    if added:
        sys.path.insert(0, here)
    try:
        found: Any = import_module(module_name)
        for part in attribute.split("."):
            found = getattr(found, part)
        is_maker = isinstance(found, type) or (callable(found) and not hasattr(found, "fit"))
        made = found() if is_maker else found
    except Exception as error:
        raise InputError(
            f"Cannot load --model {spec}: {type(error).__name__}: {error}",
            fix="Check the spelling, and that the module is installed or in the current folder.",
        ) from error
    finally:
        if added:
            sys.path.remove(here)
    return made
