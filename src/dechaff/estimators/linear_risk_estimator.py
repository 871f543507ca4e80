"""What the two linear classifiers of least positive-unlabelled risk share."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Hashable
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import issparse
from scipy.special import expit
from sklearn.preprocessing import StandardScaler
from sklearn.utils.validation import validate_data

from dechaff.errors import InputError
from dechaff.estimators.pu_meta_estimator import PUMetaEstimator
from dechaff.estimators.pu_rows import PURows
from dechaff.estimators.risk_prior import risk_prior
from dechaff.methods.pu.risk import Samples, samples
from dechaff.methods.pu.scheme import Scheme
from dechaff.typing import Groups


class LinearRiskEstimator(PUMetaEstimator):
    """Base of both; a subclass says which risk is made least.

    Features are scaled to spread 1 for the penalty's sake; ``coef_`` and ``intercept_`` are in the features' own units.
    """

    estimator: Any = None
    """No option: the usual model serves to estimate the class prior, where it is not given."""

    def __init__(
        self,
        *,
        class_prior: float | None = None,
        C: float = 0.03,
        scheme: Scheme = "single-training-set",
        positive: Hashable = None,
        cv: Any = None,
        random_state: Any = None,
    ) -> None:
        self.class_prior = class_prior
        self.C = C
        self.scheme = scheme
        self.positive = positive
        self.cv = cv
        self.random_state = random_state

    @abstractmethod
    def _least_risk(self, features: Any, rows: Samples, penalty: float) -> npt.NDArray[np.float64]:
        """Weights of the scaled features, and last the intercept, for the prior ``class_prior_``."""

    def _learn(self, rows: PURows, folds: Groups, model: Any) -> npt.NDArray[np.float64] | None:
        if not (isinstance(self.C, int | float | np.number) and self.C > 0):
            raise InputError("C", "be a number above 0", repr(self.C), "Leave it out: 0.03 is usual.")
        features = validate_data(self, rows.X, accept_sparse="csr", dtype=np.float64)
        scaler = StandardScaler(with_mean=not issparse(features)).fit(features, sample_weight=rows.weights)
        found = risk_prior(self.class_prior, rows, folds, model, self.scheme)
        self.c_, self.class_prior_ = found.c, found.class_prior
        n = float(len(rows.labelled) if rows.weights is None else rows.weights.sum())
        weighted = samples(rows.labelled, self.scheme, weights=rows.weights)
        weights = self._least_risk(scaler.transform(features), weighted, 1 / (self.C * n))
        self.coef_ = weights[:-1] / scaler.scale_
        self.intercept_ = float(
            weights[-1] - (0.0 if scaler.mean_ is None or issparse(features) else scaler.mean_ @ self.coef_)
        )
        return found.label_probs

    def _positive_probs(self, X: Any) -> npt.NDArray[np.float64]:
        features = validate_data(self, X, accept_sparse="csr", dtype=np.float64, reset=False)
        return np.asarray(expit(features @ self.coef_ + self.intercept_))

    def _copy_features(self) -> None:
        """They were looked at here, and not by a model."""
