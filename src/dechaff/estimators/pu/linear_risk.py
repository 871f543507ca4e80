"""Classifiers that minimise a positive-unlabelled risk: their base, and linear ones, non-negative and unbiased."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from scipy.sparse import issparse
from scipy.special import expit
from sklearn.preprocessing import StandardScaler
from sklearn.utils.validation import validate_data

from dechaff.errors import InputError
from dechaff.estimators.pu.meta_estimator import PUMetaEstimator, PURows
from dechaff.methods.pu.binned_scores import bin_scores
from dechaff.methods.pu.class_prior.compromise import recommended
from dechaff.methods.pu.elkan_noto import out_of_fold_label_probs
from dechaff.methods.pu.linear_risk import least_non_negative_risk, least_unbiased_risk
from dechaff.methods.pu.risk import samples
from dechaff.methods.pu.scheme import Scheme, c_of_fraction, class_prior
from dechaff.typing import Groups, Numbers


def _c_of(prior: float, n_labelled: float, n_unlabelled: float, scheme: Scheme) -> float:
    if scheme == "case-control":
        return c_of_fraction(prior, n_labelled, n_unlabelled)
    return min(n_labelled / (n_labelled + n_unlabelled) / prior, 1.0)


def _checked(given: Any, n_labelled: float, n_unlabelled: float, scheme: Scheme) -> float:
    if not isinstance(given, int | float | np.floating) or not 0 < given < 1:
        fix = "Omit it to have it estimated."
        raise InputError("class_prior", "be a number above 0 and below 1, or None", repr(given), fix)
    fraction = n_labelled / (n_labelled + n_unlabelled)
    # The user may have rounded it.
    if scheme == "single-training-set" and given < fraction * (1 - 1e-3):
        must, fix = f"be at least {fraction:.4g}, the fraction of labelled rows", 'Or pass scheme="case-control".'
        raise InputError("class_prior", must, repr(given), fix)
    return float(given)


@dataclass(eq=False, repr=False, kw_only=True)
class PURiskEstimator(PUMetaEstimator):
    """Base of the classifiers that minimise a risk, for a class prior that is given or estimated."""

    class_prior: float | None = None
    scheme: Scheme = "single-training-set"
    cv: Any = None
    estimator = None

    def _set_prior(self, rows: PURows, folds: Groups, model: Any) -> Numbers | None:
        """Sets ``class_prior_``, given or by consensus of four estimators, and ``c_``.

        Returns out-of-fold g (n,) of the model if the prior was estimated.
        """
        counts = np.ones(len(rows.labelled)) if rows.weights is None else rows.weights
        n_labelled, n_unlabelled = float(counts[rows.labelled].sum()), float(counts[~rows.labelled].sum())
        if self.class_prior is not None:
            self.class_prior_ = _checked(self.class_prior, n_labelled, n_unlabelled, self.scheme)
            self.c_ = _c_of(self.class_prior_, n_labelled, n_unlabelled, self.scheme)
            return None
        label_probs = out_of_fold_label_probs(rows.fit_predict(model), rows.labelled, folds)
        binned = bin_scores(label_probs, rows.labelled, weights=rows.weights)
        # At least one row must be positive and one negative, or there is nothing to train on.
        least = 1 / (n_labelled + n_unlabelled)
        self.c_ = max(recommended(binned)(binned), n_labelled / (n_labelled + n_unlabelled))
        prior = class_prior(self.c_, n_labelled, n_unlabelled, self.scheme)
        self.class_prior_ = float(np.clip(prior, least, 1 - least))
        return label_probs

    def _copy_features(self) -> None:
        """They are set by `validate_data`."""


@dataclass(eq=False, repr=False, kw_only=True)
class LinearRiskEstimator(PURiskEstimator):
    """Base of both; a subclass minimises its risk.

    Features are standardised for the penalty; ``coef_`` and ``intercept_`` are in the features' own units.
    """

    C: float = 0.03

    _least_risk: ClassVar[Callable[..., npt.NDArray[np.float64]]]
    """Weights of the scaled features, and last the intercept, for samples, a class prior and a penalty."""

    def _learn(self, rows: PURows, folds: Groups, model: Any) -> npt.NDArray[np.float64] | None:
        if not (isinstance(self.C, int | float | np.number) and self.C > 0):
            raise InputError("C", "be a number above 0", repr(self.C), "Omit it for the default, 0.03.")
        features = validate_data(self, rows.X, accept_sparse="csr", dtype=np.float64)
        scaler = StandardScaler(with_mean=not issparse(features)).fit(features, sample_weight=rows.weights)
        label_probs = self._set_prior(rows, folds, model)
        n = float(len(rows.labelled) if rows.weights is None else rows.weights.sum())
        weighted = samples(rows.labelled, self.scheme, weights=rows.weights)
        scaled, penalty = scaler.transform(features), 1 / (self.C * n)
        weights = self._least_risk(scaled, weighted, self.class_prior_, penalty=penalty)
        self.coef_ = weights[:-1] / scaler.scale_
        self.intercept_ = float(
            weights[-1] - (0.0 if scaler.mean_ is None or issparse(features) else scaler.mean_ @ self.coef_)
        )
        return label_probs

    def _positive_probs(self, X: Any) -> npt.NDArray[np.float64]:
        features = validate_data(self, X, accept_sparse="csr", dtype=np.float64, reset=False)
        return np.asarray(expit(features @ self.coef_ + self.intercept_))


class NonNegativePUClassifier(LinearRiskEstimator):
    """Linear classifier that minimises the non-negative risk, an estimate that needs no negatives (nnPU).

    The expected loss is the part of the positives plus the part of the negatives; the latter is the loss of all rows
    minus that of the positives as negatives. In a sample that difference is negative if the model overfits its
    positives; it is then set to 0. With the logistic loss, scores are log-odds of the class, and the risk of a linear
    model is convex, so the minimum is exact. `UnbiasedPUClassifier` does not clip the risk at 0; `TorchPUClassifier`
    trains any neural network on the same risk.

    With more rows than features the risk is rarely clipped, and both classifiers are equal. If it is clipped (more
    features than labelled rows, or too high a class prior), neither is reliable: decrease C.

    Parameters
    ----------
    class_prior : float in (0, 1), or None
        Fraction of positives in the population. None: estimated by consensus of four estimators on out-of-fold scores
        of logistic regression.
    C : float above 0
        Inverse strength of the penalty, as in scikit-learn's ``LogisticRegression``, on standardised features. The
        default 0.03 is lower than there, because few labelled rows are easily overfitted.
    scheme : "single-training-set" or "case-control"
        Whether all rows are a sample of the population, or the unlabelled rows only.
    cv : int, splitter, iterable of (train, test), or None
        Folds for the estimate of the class prior.
    positive : as in `PUClassifier`
    random_state : int, RandomState or None
        Seed of the folds; None: 0.

    Attributes
    ----------
    coef_ : (d,) float
    intercept_ : float
        The log-odds of the positive class are X @ coef_ + intercept_.
    class_prior_ : float
        Fraction of positives in the population, given or estimated.
    c_ : float in (0, 1]
        Probability that a positive is labelled, computed from ``class_prior_``.
    label_probs_ : (n,) float in [0, 1]
        Out-of-fold g of the training rows, if the prior was estimated; NaN for rows of weight 0.
    labelled_, classes_, positive_class_, n_features_in_, feature_names_in_ : as in `PUClassifier`

    References
    ----------
    Kiryo, Niu, du Plessis, Sugiyama (2017), Positive-unlabeled learning with non-negative risk estimator, NeurIPS,
    equation 6. Differs: a linear model and the logistic loss, minimised exactly instead of stochastically.

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

    _least_risk = staticmethod(least_non_negative_risk)


class UnbiasedPUClassifier(LinearRiskEstimator):
    """Linear classifier that minimises the unbiased risk, an estimate that needs no negatives (uPU).

    Equals `NonNegativePUClassifier` unless the negative part of the risk is below 0 (few rows, many features), where it
    is worse. For comparison with the literature. If all positives are labelled, it is logistic regression.

    Parameters
    ----------
    class_prior, C, scheme, positive, cv, random_state : as in `NonNegativePUClassifier`

    Attributes
    ----------
    coef_, intercept_, class_prior_, c_, label_probs_, labelled_, classes_, positive_class_, n_features_in_,
    feature_names_in_ : as in `NonNegativePUClassifier`

    References
    ----------
    du Plessis, Niu, Sugiyama (2015), Convex formulation for learning from positive and unlabeled data, ICML. Differs:
    the logistic loss, and also one sample that is labelled in part.

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

    _least_risk = staticmethod(least_unbiased_risk)
