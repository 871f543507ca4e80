"""Elkan and Noto's four steps as a scikit-learn classifier."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.errors import InputError
from dechaff.estimators.pu.meta_estimator import PUOutOfFold, PURows
from dechaff.methods.pu.binned_scores import BinnedScores, bin_scores
from dechaff.methods.pu.class_prior.elkan_noto import e1
from dechaff.methods.pu.elkan_noto import out_of_fold_label_probs, positive_probs
from dechaff.methods.pu.scheme import Scheme
from dechaff.typing import Groups


class ElkanNotoClassifier(PUOutOfFold):
    """Positives and negatives told apart by a model that has only seen labelled positives and unlabelled rows.

    The paper's method: g(x) = p(s = 1 | x) of each row from models that have not seen it, c as the mean g of the
    labelled rows, those models thrown away and a fresh one trained on all rows, f(x) = g(x) / c, at most 1, and
    positive where f is at least one half. It assumes that no label is wrong and that positives were labelled
    completely at random, and c comes out too low where the classes overlap: `PUClassifier` bears the latter.

    Parameters
    ----------
    estimator : scikit-learn classifier with ``predict_proba``, or None
        What learns to tell labelled from unlabelled rows; never fitted itself. Its probabilities must be calibrated:
        no ``class_weight="balanced"``, no resampling. None is logistic regression on scaled numbers.
    c_from : function of `BinnedScores`, or of ``dechaff.methods.pu.class_prior``
        How c is estimated: `e1` of the paper, also `e2`, `e3`, or any other that is there.
    scheme : "single-training-set" or "case-control"
        Whether labelled and unlabelled rows are one sample, labelled in part, or two; decides ``class_prior_``.
    positive : name of the positive class in y; the greater of the two where it is None
    cv : int, splitter, pairs (train, test), or None
        A number makes folds that are stratified on the labels, with equal rows together and no regard to their order;
        None makes five, or fewer where there are fewer distinct labelled rows. Others must hold out each row once.
    random_state : int, RandomState or None
        Decides the folds, and the model's chances where the model leaves them open. None counts as 0 for the folds,
        and leaves the model alone.

    Attributes
    ----------
    c_ : float in (0, 1]
        Chance that a positive is labelled; the one that ``predict`` uses. At least the share of rows that are labelled.
    class_prior_ : float in [0, 1]
        Share of positives among all rows (single training set), or in the population (case-control).
    estimator_ : the model, trained on all rows to tell labelled from unlabelled ones.
    label_probs_ : (n,) float in [0, 1]
        Out-of-fold g of the training rows; NaN for rows of weight 0.
    binned_scores_ : `BinnedScores` that `estimates` looks at
    labelled_ : (n,) bool
    classes_ : (2,) names of the classes, sorted
    positive_class_ : the name of the positive one
    n_features_in_, feature_names_in_ : as the model has them

    References
    ----------
    Elkan, Noto (2008), Learning classifiers from only positive and unlabeled data, KDD, section 3. Differs:
    cross-validation in place of one validation set, f cut at 1, and c never below the share of labelled rows.

    Examples
    --------
    Half of the rows are positive, and three in ten of those are labelled:

    >>> from sklearn.ensemble import RandomForestClassifier
    >>> random = np.random.default_rng(0)
    >>> y = random.random(2000) < 0.5
    >>> X = random.normal(size=(2000, 2)) + 3 * y[:, None]
    >>> s = y & (random.random(2000) < 0.3)
    >>> model = ElkanNotoClassifier(RandomForestClassifier(50, min_samples_leaf=10, random_state=0)).fit(X, s)
    >>> round(model.c_, 1), round(model.class_prior_, 1)
    (0.3, 0.5)
    >>> float((model.predict(X) == y).mean()) > 0.95
    True
    """

    def __init__(
        self,
        estimator: Any = None,
        *,
        c_from: Callable[[BinnedScores], float] = e1,
        scheme: Scheme = "single-training-set",
        positive: Hashable = None,
        cv: Any = None,
        random_state: Any = None,
    ) -> None:
        self.estimator = estimator
        self.c_from = c_from
        self.scheme = scheme
        self.positive = positive
        self.cv = cv
        self.random_state = random_state

    def _estimator_of_c(self) -> str | None:
        return getattr(self.c_from, "__name__", None)

    def _learn(self, rows: PURows, folds: Groups, model: Any) -> npt.NDArray[np.float64]:
        _refuse_no_function(self.c_from)
        label_probs = out_of_fold_label_probs(rows.fit_predict(model), rows.labelled, folds)
        # A bin for each distinct score, so that e1 is the very mean of the paper.
        binned = bin_scores(label_probs, rows.labelled, weights=rows.weights, max_bins=len(label_probs))
        self._keep_c(binned, self.c_from(binned))
        self.binned_scores_ = bin_scores(label_probs, rows.labelled, weights=rows.weights)
        self.estimator_ = rows.fitted(model, rows.labelled.astype(np.int64))
        return label_probs

    def _positive_probs(self, X: Any) -> npt.NDArray[np.float64]:
        return positive_probs(self.estimator_.predict_proba(X)[:, 1], self.c_)


def _refuse_no_function(c_from: Any) -> None:
    if not callable(c_from):
        fix = (
            "Import one of dechaff.methods.pu.class_prior, such as e2; a number that is known goes to PUClassifier(c=)."
        )
        raise InputError("c_from", "be a function that estimates c", repr(c_from), fix)
