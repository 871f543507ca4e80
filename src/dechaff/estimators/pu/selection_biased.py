"""SAR-EM as a scikit-learn classifier: positives are not labelled at random, and a second model learns how."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.utils import _safe_indexing
from sklearn.utils.validation import check_is_fitted

from dechaff.errors import InputError
from dechaff.estimators.pu.meta_estimator import PURows, PUWithoutFolds, checked_model
from dechaff.estimators.weighted_fit import default_model, seeded
from dechaff.methods.pu.sar_em import sar_em
from dechaff.typing import Figures, Groups, Rows

_OF_PROPENSITY = (
    "This is the propensity model: choose columns that it accepts with propensity_columns=, or pass another model as "
    "propensity_estimator=."
)


@dataclass(eq=False, repr=False, kw_only=True)
class SelectionBiasedPUClassifier(PUWithoutFolds):
    """Positive-unlabelled classifier for selection bias: some positives are more likely to be labelled than others.

    Two models are fitted together by expectation maximisation: one for the class, f(x) = p(y = 1 | x), and one for the
    propensity, e(x) = p(s = 1 | y = 1, x). All other classifiers here assume that e is constant. Only the product f e
    is observed: pass the columns that labelling depends on as `propensity_columns`, because with all columns in both
    models only their functional form separates them. Even so, a constant factor may shift between them unless some rows
    are certainly positive and some positives are certainly labelled; ``c_`` and ``class_prior_`` are approximate.

    Parameters
    ----------
    estimator : scikit-learn classifier with ``predict_proba`` that takes ``sample_weight``, or None
        The class model. Should be smooth, because it predicts its own training rows. None: logistic regression on
        standardised features.
    propensity_estimator : as `estimator`, for the propensity model
    propensity_columns : list of int, or of names if X is a data frame, or None
        Columns that labelling may depend on; None = all.
    positive : as in `PUClassifier`
    max_iter : int, at least 1
        Maximum number of iterations; fewer if the likelihood stops rising.
    random_state : int, RandomState or None
        Seed of the models whose own seed is None; None leaves them unseeded.

    Attributes
    ----------
    estimator_ : the class model
    propensity_estimator_ : the propensity model, used by `predict_propensity`
    c_ : float in (0, 1]
        Fraction of the positives that are labelled.
    class_prior_ : float in (0, 1]
        Fraction of positives among all rows.
    n_iter_ : int
        Number of iterations.
    log_likelihoods_ : (n_iter_ + 1,) float
        Mean log-likelihood of the labels, at the start and after each iteration.
    labelled_, classes_, positive_class_, n_features_in_, feature_names_in_ : as in `PUClassifier`

    References
    ----------
    Bekker, Robberechts, Davis (2019), Beyond the selected completely at random assumption for learning from positive
    and unlabeled data, ECML PKDD. Differs: see `sar_em`.

    Examples
    --------
    Labelling depends on the second column only:

    >>> random = np.random.default_rng(0)
    >>> y = random.random(600) < 0.5
    >>> X = random.normal(size=(600, 2)) + np.outer(y, [4.0, 0.0])
    >>> propensity = np.where(X[:, 1] > 0, 0.9, 0.2)
    >>> s = y & (random.random(600) < propensity)
    >>> model = SelectionBiasedPUClassifier(propensity_columns=[1]).fit(X, s)
    >>> float((model.predict(X) == y).mean()) > 0.95
    True
    >>> high, low = model.predict_propensity([[4.0, 1.5], [4.0, -1.5]])
    >>> bool(high > 0.8), bool(low < 0.3)
    (True, True)
    """

    propensity_estimator: Any = None
    propensity_columns: Sequence[Any] | None = None
    max_iter: int = 100

    def predict_propensity(self, X: Any) -> npt.NDArray[np.float64]:
        """(m,) probability that each row would be labelled if it were positive."""
        check_is_fitted(self)
        columns = _columns(X, self.propensity_columns)
        return np.asarray(self.propensity_estimator_.predict_proba(columns)[:, 1], dtype=np.float64)

    def _learn(self, rows: PURows, folds: Groups, model: Any) -> None:
        narrow = replace(rows, X=_columns(rows.X, self.propensity_columns))
        second = self.propensity_estimator
        fix = _OF_PROPENSITY if second is None else ""
        second = default_model(narrow.X) if second is None else checked_model(second)
        of_class, of_propensity = _Fitter(rows, model), _Fitter(narrow, seeded(second, self.random_state), fix)
        found = sar_em(of_class, of_propensity, rows.labelled, weights=rows.weights, max_iter=self.max_iter)
        self.estimator_, self.propensity_estimator_ = of_class.model, of_propensity.model
        self.class_prior_ = float(np.average(found.chances, weights=rows.weights))
        self.c_ = min(float(np.average(rows.labelled, weights=rows.weights)) / self.class_prior_, 1.0)
        self.log_likelihoods_, self.n_iter_ = found.log_likelihoods, len(found.log_likelihoods) - 1


class _Fitter:
    """Trains a model on weighted rows for `sar_em`, and keeps the last one.

    `fix` replaces the remedy in errors about the rows.
    """

    def __init__(self, rows: PURows, template: Any, fix: str = "") -> None:
        self.rows, self.template, self.fix = rows, template, fix
        self.model: Any = None

    def __call__(self, rows: Rows, targets: npt.NDArray[np.int64], row_weights: Figures) -> npt.NDArray[np.float64]:
        try:
            self.model = self.rows.fitted(self.template, targets, rows=rows, row_weights=row_weights)
        except InputError as error:
            raise InputError(error.what, error.must, error.found, self.fix or error.fix) from error
        return np.asarray(self.model.predict_proba(self.rows.X)[:, 1], dtype=np.float64)


def _columns(X: Any, columns: Sequence[Any] | None) -> Any:
    if columns is None:
        return X
    try:
        return _safe_indexing(X if hasattr(X, "shape") else np.asarray(X), list(columns), axis=1)
    except (ValueError, IndexError, KeyError, TypeError) as error:
        fix = "Pass column names of X, or positions from 0."
        raise InputError("propensity_columns", "be columns of X", repr(columns), fix) from error
