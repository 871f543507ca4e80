"""The linear classifier of least unbiased risk (uPU)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.estimators.linear_risk_estimator import LinearRiskEstimator
from dechaff.methods.pu.linear_risk import least_unbiased_risk
from dechaff.methods.pu.risk import Samples


class UnbiasedPUClassifier(LinearRiskEstimator):
    """Linear classifier with the least unbiased risk, which is estimated without a single negative (uPU).

    The same as `NonNegativePUClassifier` where the part of the risk that stands for the negatives is not below 0, and
    worse where it is, with few rows and many features; for comparison with the literature, and for proofs. Where all
    positives are labelled it is logistic regression.

    Parameters
    ----------
    class_prior, C, scheme, positive, cv, random_state : as of `NonNegativePUClassifier`

    Attributes
    ----------
    coef_, intercept_, class_prior_, c_, label_probs_, labelled_, classes_, positive_class_, n_features_in_,
    feature_names_in_ : as of `NonNegativePUClassifier`

    References
    ----------
    du Plessis, Niu, Sugiyama (2015), Convex formulation for learning from positive and unlabeled data, ICML. Differs:
    the logistic loss, and one sample labelled in part as well as two.

    Examples
    --------
    >>> random = np.random.default_rng(0)
    >>> y = random.random(1000) < 0.4
    >>> X = random.normal(size=(1000, 2)) + 3 * y[:, None]
    >>> s = y & (random.random(1000) < 0.3)
    >>> model = UnbiasedPUClassifier().fit(X, s)
    >>> float((model.predict(X) == y).mean()) > 0.95
    True
    """

    def _least_risk(self, features: Any, rows: Samples, penalty: float) -> npt.NDArray[np.float64]:
        return least_unbiased_risk(features, rows, self.class_prior_, penalty=penalty)
