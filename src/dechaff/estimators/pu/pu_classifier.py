"""The recommended classifier for labelled positives and unlabelled rows: weighted rows, and c by consensus."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.errors import InputError
from dechaff.estimators.pu.meta_estimator import PUOutOfFold, PURows
from dechaff.estimators.pu.weighted_models import averaged_models, is_linear, weighted_model
from dechaff.methods.pu.binned_scores import bin_scores
from dechaff.methods.pu.class_prior.compromise import recommended
from dechaff.methods.pu.weighted_unlabelled import matched_weights
from dechaff.typing import Groups


@dataclass(eq=False, repr=False, kw_only=True)
class PUClassifier(PUOutOfFold):
    """Classifier for labelled positives and unlabelled rows; the one to start with.

    Elkan and Noto's weighted method: out-of-fold g(x) = p(s = 1 | x) of each row; the label frequency c by consensus of
    four estimators; from both, the probability that each unlabelled row is positive; and a fresh model trained on the
    labelled rows as positives and on each unlabelled row as both classes, weighted by that probability. Assumes that no
    labelled row is negative, that positives are labelled completely at random, and that some rows are certainly
    positive. If the labelled fraction rises to nearly all, easy positives may have been labelled more often; c is then
    the `compromise` between e1 and the consensus, and ``c_from_`` says so.

    Parameters
    ----------
    estimator : scikit-learn classifier with ``predict_proba`` that takes ``sample_weight``, or None
        A clone is fitted. In a pipeline, weights go to the last step and to any other step that takes them. Its
        probabilities must be calibrated: no ``class_weight="balanced"``, no resampling. None: logistic regression on
        standardised features; of a sparse matrix, the one of `sparse_models` with the least out-of-fold log loss.
    scheme : "single-training-set" or "case-control"
        Whether the labelled rows are a part of one sample, or a sample of their own; decides ``class_prior_``.
    positive : name of the positive class in y
        None: the greater of the two values.
    c : float in (0, 1], or None
        Probability that a positive is labelled, if known. None: estimated.
    cv : int, splitter, iterable of (train, test), or None
        An int makes folds stratified on the labels that keep duplicate rows together and do not depend on row order.
        None: five, or fewer if there are fewer distinct labelled rows. Other splitters must hold out each row once.
    random_state : int, RandomState or None
        Seed of the folds, and of the model if its own seed is None. None: 0 for the folds, and the model is unseeded.
    ensemble : bool or None
        Whether to average ten models, two per fold: each trained on the other folds, then again with probabilities from
        the first round (`averaged_models`). None: True unless the model is linear. Averaging reduces the variance of
        trees and other flexible models, and changes linear models little. False: one model.

    Attributes
    ----------
    c_ : float in (0, 1]
        Probability that a positive is labelled, as used by ``predict``. At least the fraction of labelled rows.
    c_from_ : "consensus", "compromise" or "given"
        Where ``c_`` comes from.
    class_prior_ : float in [0, 1]
        Fraction of positives among all rows (single training set), or in the population (case-control).
    estimator_ : the model, trained on weighted rows to separate positives (1) from negatives (0)
        The models of an ensemble are in ``estimator_.models``.
    label_probs_ : (n,) float in [0, 1]
        Out-of-fold g of the training rows; NaN for rows of weight 0.
    binned_scores_ : `BinnedScores` that all estimators of c use
    labelled_ : (n,) bool
    classes_ : (2,) class names, sorted
    positive_class_ : name of the positive class
    n_features_in_, feature_names_in_ : as in the model

    References
    ----------
    Elkan, Noto (2008), Learning classifiers from only positive and unlabeled data, KDD, section 3, the weighted
    method. Differs: weights are out of fold, in [0, 1], and sum to the number of positives implied by c
    (`matched_weights`); c is the median of four estimators, or a compromise, instead of e1.

    Examples
    --------
    Half of the rows are positive, and 30 % of those are labelled:

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

    c: float | None = None
    ensemble: bool | None = None

    def _estimator_of_c(self) -> str | None:
        return self.c_from_ if self.c is None else None

    def _learn(self, rows: PURows, folds: Groups, model: Any) -> npt.NDArray[np.float64]:
        known = _checked_c(self.c)
        if not isinstance(self.ensemble, bool | np.bool_ | None):
            fix = "Omit it: models that are not linear are averaged."
            raise InputError("ensemble", "be True, False or None", repr(self.ensemble), fix)
        model, label_probs = self._best_label_probs(rows, folds, model)
        self.binned_scores_ = bin_scores(label_probs, rows.labelled, weights=rows.weights)
        estimator = recommended(self.binned_scores_)
        self.c_from_ = estimator.__name__ if known is None else "given"
        self._keep_c(self.binned_scores_, estimator(self.binned_scores_) if known is None else known)
        probs = matched_weights(label_probs, rows.labelled, self.c_, weights=rows.weights)
        averaged = not is_linear(model) if self.ensemble is None else self.ensemble
        self.estimator_ = (
            averaged_models(rows, model, probs, folds, self.c_) if averaged else weighted_model(rows, model, probs)
        )
        return label_probs


def _checked_c(c: Any) -> float | None:
    if c is None:
        return None
    if isinstance(c, bool) or not isinstance(c, int | float | np.floating) or not 0 < c <= 1:
        raise InputError("c", "be a number above 0, at most 1, or None", repr(c), "Omit it to have it estimated.")
    return float(c)
