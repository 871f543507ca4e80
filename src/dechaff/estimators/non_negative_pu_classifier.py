"""The linear classifier of least non-negative risk (nnPU)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.estimators.linear_risk_estimator import LinearRiskEstimator
from dechaff.methods.pu.linear_risk import least_non_negative_risk
from dechaff.methods.pu.risk import Samples


class NonNegativePUClassifier(LinearRiskEstimator):
    """Linear classifier with the least non-negative risk, which is estimated without a single negative (nnPU).

    The expected loss is a sum of two parts, one over the positives and one over the negatives; the second is that of
    all rows less that of the positives. In a sample it may come out below 0, where the model knows its positives by
    heart; here it counts as 0 then. With the logistic loss, scores are log-odds of the class, and the risk of a linear
    model is convex: the answer is the very minimum. `UnbiasedPUClassifier` leaves the cut out; `TorchPUClassifier`
    trains any neural network by the same risk.

    A linear model with more rows than features seldom comes to the cut, and then both are one. Where it does, with
    more features than labelled rows or a class prior that is too high, neither can be trusted: make C smaller.

    Parameters
    ----------
    class_prior : float above 0 and below 1, or None
        Share of positives in the population; None estimates it, by the consensus of four estimators on out-of-fold
        scores of logistic regression.
    C : float above 0
        The less, the more weights are held back; as of scikit-learn's ``LogisticRegression``, on scaled features. The
        usual 0.03 is less than there, for an estimate by so few labelled rows is easier to fit by heart.
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
