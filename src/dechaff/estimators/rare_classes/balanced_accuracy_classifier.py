"""A classifier for rare classes: predictions for balanced accuracy, probabilities that stay true."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.utils.validation import check_is_fitted

from dechaff.estimators.folded_classifier import DelegatingClassifier
from dechaff.estimators.training_rows import take
from dechaff.estimators.weighted_fit import fit_codes, fit_fresh
from dechaff.methods.rare_classes.prior_correction import balanced_predictions, fit_power_around, sharpened_around
from dechaff.typing import Groups, Labels, Mask, Probs


@dataclass(eq=False, repr=False, kw_only=True)
class BalancedAccuracyClassifier(DelegatingClassifier):
    """Predicts rare classes as often as balanced accuracy asks for, without oversampling.

    The model is trained on the rows as they are. It predicts the class with the largest ratio of probability to
    fraction of the class, which maximises balanced accuracy if the probabilities are right. Probabilities are
    calibrated by one number, fitted out of fold, which makes them more or less extreme around the fractions of the
    classes and changes no prediction. Oversampling (SMOTE) moves the predictions, too, but makes probabilities wrong.

    Parameters
    ----------
    estimator : scikit-learn classifier with ``predict_proba``, or None
        A clone is trained. None: logistic regression on standardised features.
    cv : int, splitter, pairs (train, test), or None
        Folds in which the calibration is fitted; None: up to five that keep equal rows together.
    random_state : int, RandomState or None
        Seed of the folds, and of the model if its own seed is None. None: 0 for the folds.

    Attributes
    ----------
    estimator_ : the trained model
    class_fractions_ : (k,) float, fractions of the classes among the training rows
    power_ : float; below 1 the model was too sure
    balanced_accuracy_ : float, out of fold
    usual_balanced_accuracy_ : float, the same for predictions of the most probable class
    classes_ : (k,) class names, sorted
    n_features_in_, feature_names_in_ : as in the model

    References
    ----------
    See `balanced_predictions` and `sharpened_around`.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> y = (np.arange(400) % 20 == 0).astype(int)
    >>> X = rng.normal(size=(400, 2)) + y[:, None]
    >>> model = BalancedAccuracyClassifier().fit(X, y)
    >>> bool(model.balanced_accuracy_ > model.usual_balanced_accuracy_ + 0.1)
    True
    """

    estimator: Any = field(default=None, kw_only=False)
    cv: Any = None
    random_state: Any = None

    def fit(self, X: Any, y: Any, **fit_params: Any) -> Self:
        """Train on all rows; fit the calibration on rows held out in turn.

        Parameters
        ----------
        X : n rows, in any form that the model accepts
        y : (n,) numbers, strings or booleans
            Class labels of at least two classes; none may be missing.
        **fit_params
            `groups` for the folds: rows of one group are not cut apart.

        Returns
        -------
        self

        Raises
        ------
        InputError
            If labels or options are invalid.
        """
        fix = "Leave it out; the fractions of the classes are those of the rows."
        given, rows = self._given(X, y, fit_params, fix=fix)
        model, k = self._probabilistic_model(rows.X, "to be corrected"), len(given.classes)
        folds = self._folds(rows, rows, np.arange(len(given.codes)))
        self.estimator_ = fit_fresh(model, rows.X, given.classes[given.codes])
        self.classes_ = given.classes
        self.class_fractions_ = np.bincount(given.codes, minlength=k) / len(given.codes)
        self._judge(_held_out(model, rows.X, given.codes, folds, k), given.codes)
        self._copy_features()
        return self

    def _judge(self, probs: Probs, codes: Labels) -> None:
        self.power_ = fit_power_around(codes, probs, self.class_fractions_)
        balanced = balanced_predictions(probs, self.class_fractions_)
        self.balanced_accuracy_, self.usual_balanced_accuracy_ = (
            _mean_recall(found == codes, codes) for found in (balanced, probs.argmax(axis=1))
        )

    def predict(self, X: Any) -> npt.NDArray[Any]:
        """(m,) predicted class of each row."""
        check_is_fitted(self)
        return np.asarray(self.classes_[balanced_predictions(self._own(X), self.class_fractions_)])

    def predict_proba(self, X: Any) -> npt.NDArray[np.float64]:
        """(m, k) calibrated probabilities of the classes, in the order of ``classes_``."""
        check_is_fitted(self)
        return sharpened_around(self._own(X), self.class_fractions_, power=self.power_)

    def _own(self, X: Any) -> Probs:
        return np.asarray(self.estimator_.predict_proba(X), dtype=np.float64)


def _held_out(model: Any, X: Any, codes: Labels, folds: Groups, k: int) -> Probs:
    probs = np.zeros((len(codes), k))
    for fold in range(int(folds.max()) + 1):
        learnt, rest = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        probs[rest] = fit_codes(model, k, take(X, learnt), codes[learnt])(take(X, rest))
    return probs


def _mean_recall(right: Mask, codes: Labels) -> float:
    recalls = np.bincount(codes, right) / np.bincount(codes)
    return float(recalls.mean())
