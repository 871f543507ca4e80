"""The best classifier we know from labelled positives and unlabelled rows: weighted rows, and c by consensus."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.errors import InputError
from dechaff.estimators.pu.meta_estimator import PUOutOfFold, PURows
from dechaff.estimators.pu.weighted_models import averaged_models, is_linear, weighted_model
from dechaff.methods.pu.binned_scores import bin_scores
from dechaff.methods.pu.class_prior.consensus import consensus
from dechaff.methods.pu.elkan_noto import out_of_fold_label_probs
from dechaff.methods.pu.scheme import Scheme
from dechaff.methods.pu.weighted_unlabelled import matched_weights
from dechaff.typing import Groups


class PUClassifier(PUOutOfFold):
    """Positives and negatives told apart by a model that has only seen labelled positives and unlabelled rows.

    Elkan and Noto's weighted method: g(x) = p(s = 1 | x) of each row from models that have not seen it; the chance c
    that a positive is labelled, as the consensus of four estimators; from both, the chance of each unlabelled row to
    be positive; and a fresh model that learns from labelled rows as positives and from each unlabelled row as both,
    by that chance. The model that comes out predicts the class itself. It assumes that no label is wrong, that
    positives were labelled completely at random, and that some rows are surely positive.

    Parameters
    ----------
    estimator : scikit-learn classifier with ``predict_proba`` that takes ``sample_weight``, or None
        Never fitted itself. In a pipeline the weights go to the last step, and to others that take them. Its
        probabilities must be calibrated: no ``class_weight="balanced"``, no resampling. None is logistic regression
        on scaled numbers.
    scheme : "single-training-set" or "case-control"
        Whether labelled and unlabelled rows are one sample, labelled in part, or two; decides ``class_prior_``.
    positive : name of the positive class in y; the greater of the two where it is None
    c : float in (0, 1], or None
        Chance that a positive is labelled, where it is known; None estimates it.
    cv : int, splitter, pairs (train, test), or None
        A number makes folds that are stratified on the labels, with equal rows together and no regard to their order;
        None makes five, or fewer where there are fewer distinct labelled rows. Others must hold out each row once.
    random_state : int, RandomState or None
        Decides the folds, and the model's chances where the model leaves them open. None counts as 0 for the folds,
        and leaves the model alone.
    ensemble : bool or None
        Whether what predicts is the mean of ten models, two a fold: trained on the other folds, and again with chances
        that the first ones give (`averaged_models`). None says yes unless the model is linear: trees and the like gain
        by it what the choice of the training rows costs them, a linear model hardly anything. False trains one model.

    Attributes
    ----------
    c_ : float in (0, 1]
        Chance that a positive is labelled; the one that ``predict`` uses. At least the share of rows that are labelled.
    class_prior_ : float in [0, 1]
        Share of positives among all rows (single training set), or in the population (case-control).
    estimator_ : the model, trained on weighted rows to tell positive (1) from negative (0) ones
        An ensemble has them all in ``estimator_.models``.
    label_probs_ : (n,) float in [0, 1]
        Out-of-fold g of the training rows; NaN for rows of weight 0.
    binned_scores_ : `BinnedScores` that all estimators of c look at
    labelled_ : (n,) bool
    classes_ : (2,) names of the classes, sorted
    positive_class_ : the name of the positive one
    n_features_in_, feature_names_in_ : as the model has them

    References
    ----------
    Elkan, Noto (2008), Learning classifiers from only positive and unlabeled data, KDD, section 3, the weighted
    method. Differs: weights are out of fold, from 0 to 1, and together as many as c says (`matched_weights`); and c is
    the median of four estimators instead of e1.

    Examples
    --------
    Half of the rows are positive, and three in ten of those are labelled:

    >>> random = np.random.default_rng(0)
    >>> y = random.random(2000) < 0.5
    >>> X = random.normal(size=(2000, 2)) + 3 * y[:, None]
    >>> s = np.where(y & (random.random(2000) < 0.3), "yes", "unknown")
    >>> model = PUClassifier().fit(X, s)
    >>> abs(model.c_ - 0.3) < 0.02, abs(model.class_prior_ - 0.5) < 0.04
    (True, True)
    >>> float(((model.predict(X) == "yes") == y).mean()) > 0.95
    True
    """

    def __init__(
        self,
        estimator: Any = None,
        *,
        scheme: Scheme = "single-training-set",
        positive: Hashable = None,
        c: float | None = None,
        cv: Any = None,
        random_state: Any = None,
        ensemble: bool | None = None,
    ) -> None:
        self.estimator = estimator
        self.scheme = scheme
        self.positive = positive
        self.c = c
        self.cv = cv
        self.random_state = random_state
        self.ensemble = ensemble

    def _estimator_of_c(self) -> str | None:
        return "consensus" if self.c is None else None

    def _learn(self, rows: PURows, folds: Groups, model: Any) -> npt.NDArray[np.float64]:
        known = _checked_c(self.c)
        _refuse_no_choice(self.ensemble)
        label_probs = out_of_fold_label_probs(rows.fit_predict(model), rows.labelled, folds)
        self.binned_scores_ = bin_scores(label_probs, rows.labelled, weights=rows.weights)
        self._keep_c(self.binned_scores_, consensus(self.binned_scores_) if known is None else known)
        chances = matched_weights(label_probs, rows.labelled, self.c_, weights=rows.weights)
        averaged = not is_linear(model) if self.ensemble is None else self.ensemble
        self.estimator_ = (
            averaged_models(rows, model, chances, folds, self.c_) if averaged else weighted_model(rows, model, chances)
        )
        return label_probs

    def _positive_probs(self, X: Any) -> npt.NDArray[np.float64]:
        return np.asarray(self.estimator_.predict_proba(X)[:, 1], dtype=np.float64)


def _checked_c(c: Any) -> float | None:
    if c is None:
        return None
    if isinstance(c, bool) or not isinstance(c, int | float | np.floating) or not 0 < c <= 1:
        raise InputError("c", "be a number above 0, at most 1, or None", repr(c), "Leave it out to have it estimated.")
    return float(c)


def _refuse_no_choice(ensemble: Any) -> None:
    if not isinstance(ensemble, bool | np.bool_ | None):
        fix = "Leave it out: models that are not linear are averaged."
        raise InputError("ensemble", "be True, False or None", repr(ensemble), fix)
