"""The spy technique as a scikit-learn classifier."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.estimators.pu.meta_estimator import PURows, PUWithFolds
from dechaff.methods.pu.spy import USUAL_LOST, reliable_negatives
from dechaff.typing import Groups


@dataclass(eq=False, repr=False, kw_only=True)
class SpyClassifier(PUWithFolds):
    """Two-step classifier: reliable negatives are found with spies, then separated from the labelled positives.

    Step 1: some labelled rows, the spies, are added to the unlabelled rows; a model learns to separate the other
    labelled rows from them, and unlabelled rows that score lower than nearly all spies become reliable negatives.
    Step 2: a fresh model is trained on all labelled rows against those. No estimate of c is needed. Unlabelled rows in
    between are not used for training, so probabilities are overconfident; those of `PUClassifier` are better.

    Parameters
    ----------
    estimator : scikit-learn classifier with ``predict_proba``, or None
        A clone is fitted. Should be smooth: a model that memorises its training rows cannot score spies as positives.
        None: logistic regression on standardised features.
    lost : float in [0, 1)
        Fraction of spies that may score below the threshold. Higher: more negatives, less reliable ones.
    cv : int, splitter, iterable of (train, test), or None
        Folds; the labelled rows of each fold are spies once. An int keeps duplicate rows together and does not depend
        on row order. None: five, or fewer if there are fewer distinct labelled rows.
    positive, random_state : as in `PUClassifier`

    Attributes
    ----------
    reliable_negatives_ : (n,) bool
        Unlabelled rows used as negatives in step 2.
    estimator_ : the model of step 2, trained to separate labelled rows (1) from reliable negatives (0)
    labelled_, classes_, positive_class_, n_features_in_, feature_names_in_ : as in `PUClassifier`

    References
    ----------
    Liu, Lee, Yu, Li (2002), Partially supervised classification of text documents, ICML (step 1); Liu, Dai, Li, Lee,
    Yu (2003), Building text classifiers using positive and unlabeled examples, ICDM (step 2, run once). Differs: any
    classifier instead of naive Bayes, and each labelled row is a spy in one of five rounds.

    Examples
    --------
    >>> random = np.random.default_rng(0)
    >>> y = random.random(1000) < 0.5
    >>> X = random.normal(size=(1000, 2)) + 3 * y[:, None]
    >>> s = y & (random.random(1000) < 0.3)
    >>> model = SpyClassifier().fit(X, s)
    >>> float((model.predict(X) == y).mean()) > 0.95
    True
    >>> float(y[model.reliable_negatives_].mean()) < 0.05
    True
    """

    lost: float = USUAL_LOST

    def _learn(self, rows: PURows, folds: Groups, model: Any) -> Mapping[str, npt.NDArray[Any]]:
        negative = reliable_negatives(
            rows.fit_predict(model), rows.labelled, folds, lost=self.lost, weights=rows.weights
        )
        known = np.flatnonzero(rows.labelled | negative)
        self.estimator_ = rows.fitted(model, rows.labelled[known].astype(np.int64), rows=known)
        return {"reliable_negatives_": negative}
