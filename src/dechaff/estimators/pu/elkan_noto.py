"""Elkan and Noto's method for positive-unlabelled data as a scikit-learn classifier."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.errors import InputError
from dechaff.estimators.pu.meta_estimator import PUOutOfFold, PURows
from dechaff.methods.pu.binned_scores import BinnedScores, bin_scores
from dechaff.methods.pu.class_prior.elkan_noto import e1
from dechaff.methods.pu.elkan_noto import positive_probs
from dechaff.typing import Groups


@dataclass(eq=False, repr=False, kw_only=True)
class ElkanNotoClassifier(PUOutOfFold):
    """Elkan and Noto's classifier for labelled positives and unlabelled rows: f(x) = g(x) / c.

    The method of the paper: out-of-fold g(x) = p(s = 1 | x) of each row; c is the mean g of the labelled rows; a fresh
    model for g is trained on all rows; f(x) = min(g(x) / c, 1), and a row is predicted positive if f >= 0.5. Assumes
    that no labelled row is negative and that positives are labelled completely at random. c is underestimated if the
    classes overlap; `PUClassifier` is not affected by that.

    Parameters
    ----------
    estimator : scikit-learn classifier with ``predict_proba``, or None
        Learns to separate labelled from unlabelled rows; a clone is fitted. Its probabilities must be calibrated: no
        ``class_weight="balanced"``, no resampling. None: as in `PUClassifier`.
    c_from : function of `BinnedScores` that returns c
        Estimator of c: `e1` of the paper, or another one of ``dechaff.methods.pu.class_prior``.
    scheme, positive, cv, random_state : as in `PUClassifier`

    Attributes
    ----------
    estimator_ : the model, trained on all rows to separate labelled from unlabelled rows
    c_, class_prior_, label_probs_, binned_scores_, labelled_, classes_, positive_class_, n_features_in_,
    feature_names_in_ : as in `PUClassifier`

    References
    ----------
    Elkan, Noto (2008), Learning classifiers from only positive and unlabeled data, KDD, section 3. Differs:
    cross-validation instead of one validation set, f is clipped at 1, and c is at least the fraction of labelled rows.

    Examples
    --------
    Half of the rows are positive, and 30 % of those are labelled:

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

    c_from: Callable[[BinnedScores], float] = e1

    def _estimator_of_c(self) -> str | None:
        return getattr(self.c_from, "__name__", None)

    def _learn(self, rows: PURows, folds: Groups, model: Any) -> npt.NDArray[np.float64]:
        if not callable(self.c_from):
            fix = "Import one of dechaff.methods.pu.class_prior, such as e2. Pass a known number to PUClassifier(c=)."
            raise InputError("c_from", "be a function that estimates c", repr(self.c_from), fix)
        model, label_probs = self._best_label_probs(rows, folds, model)
        # One bin per distinct score, so that e1 is exactly the mean of the paper.
        binned = bin_scores(label_probs, rows.labelled, weights=rows.weights, max_bins=len(label_probs))
        self._keep_c(binned, self.c_from(binned))
        self.binned_scores_ = bin_scores(label_probs, rows.labelled, weights=rows.weights)
        self.estimator_ = rows.fitted(model, rows.labelled.astype(np.int64))
        return label_probs

    def _positive_probs(self, X: Any) -> npt.NDArray[np.float64]:
        return positive_probs(self.estimator_.predict_proba(X)[:, 1], self.c_)
