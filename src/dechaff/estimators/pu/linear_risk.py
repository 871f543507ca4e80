"""Linear classifiers that minimise a positive-unlabelled risk: non-negative (nnPU) and unbiased (uPU)."""

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
from dechaff.estimators.pu.meta_estimator import PUMetaEstimator, PURows
from dechaff.estimators.pu.risk_prior import risk_prior
from dechaff.methods.pu.linear_risk import least_non_negative_risk, least_unbiased_risk
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


class NonNegativePUClassifier(LinearRiskEstimator):
    """Linear classifier with the least non-negative risk, which is estimated without a single negative (nnPU).

    The expected loss is a sum of two parts, one over the positives and one over the negatives; the second is that of
    all rows less that of the positives. In a sample it may come out below 0, where the model memorises its positives;
    here it counts as 0 then. With the logistic loss, scores are log-odds of the class, and the risk of a linear model
    is convex: the answer is the very minimum. `UnbiasedPUClassifier` leaves the cut out; `TorchPUClassifier` trains any
    neural network by the same risk.

    A linear model with more rows than features seldom comes to the cut, and then both are one. Where it does, with
    more features than labelled rows or a class prior that is too high, neither can be trusted: make C smaller.

    Parameters
    ----------
    class_prior : float above 0 and below 1, or None
        Share of positives in the population; None estimates it, by the consensus of four estimators on out-of-fold
        scores of logistic regression.
    C : float above 0
        The less, the more weights are held back; as of scikit-learn's ``LogisticRegression``, on scaled features. The
        usual 0.03 is less than there, for an estimate by so few labelled rows is easier to memorise.
    scheme : "single-training-set" or "case-control"
        Whether all rows stand for the population, or the unlabelled ones do.
    positive : name of the positive class in y; the greater of the two where it is None
    cv : int, splitter, pairs (train, test), or None
        The folds by which the class prior is estimated.
    random_state : int, RandomState or None
        Decides the folds.

    Attributes
    ----------
    coef_ : (d,) float
    intercept_ : float
        The log-odds of the positive class are X @ coef_ + intercept_.
    class_prior_ : float
        Share of positives in the population, given or estimated.
    c_ : float in (0, 1]
        Chance that a positive is labelled, which follows from it.
    label_probs_ : (n,) float in [0, 1]
        Out-of-fold g of the training rows, where the prior was estimated; NaN for rows of weight 0.
    labelled_ : (n,) bool
    classes_ : (2,) names of the classes, sorted
    positive_class_ : the name of the positive one
    n_features_in_, feature_names_in_ : of X

    References
    ----------
    Kiryo, Niu, du Plessis, Sugiyama (2017), Positive-unlabeled learning with non-negative risk estimator, NeurIPS.
    Differs: a linear model and the logistic loss, minimised exactly in place of stochastically.

    Examples
    --------
    >>> random = np.random.default_rng(0)
    >>> y = random.random(1000) < 0.4
    >>> X = random.normal(size=(1000, 2)) + 3 * y[:, None]
    >>> s = y & (random.random(1000) < 0.3)
    >>> model = NonNegativePUClassifier().fit(X, s)
    >>> float((model.predict(X) == y).mean()) > 0.95
    True
    """

    def _least_risk(self, features: Any, rows: Samples, penalty: float) -> npt.NDArray[np.float64]:
        return least_non_negative_risk(features, rows, self.class_prior_, penalty=penalty)


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
