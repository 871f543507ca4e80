"""The spy technique as a scikit-learn classifier."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.estimators.pu.meta_estimator import PUMetaEstimator, PURows
from dechaff.methods.pu.scheme import Scheme
from dechaff.methods.pu.spy import USUAL_LOST, reliable_negatives
from dechaff.typing import Groups


class SpyClassifier(PUMetaEstimator):
    """Positives against those unlabelled rows that are surely negative, which spies have found.

    Two steps. Some labelled rows, the spies, are sent among the unlabelled ones; a model learns to tell the other
    labelled rows from them, and unlabelled rows that score lower than nearly all spies are taken for negative. Then a
    fresh model learns from all labelled rows against those. No c is needed. Rows in between teach the model nothing,
    so its probabilities are too sure of themselves; `PUClassifier` has better ones.

    Parameters
    ----------
    estimator : scikit-learn classifier with ``predict_proba``, or None
        Never fitted itself. Best a smooth one: one that memorises its rows tells no spy from a negative. None is
        logistic regression on scaled numbers.
    lost : float from 0 to below 1
        Share of spies that may score below the threshold: more negatives, and less sure ones, where it is higher.
    positive : name of the positive class in y; the greater of the two where it is None
    cv : int, splitter, pairs (train, test), or None
        Each part's labelled rows are spies once; a number makes parts with equal rows together and no regard to
        their order, None five, or fewer where there are fewer distinct labelled rows.
    random_state : int, RandomState or None
        Decides the parts, and the model's chances where the model leaves them open. None counts as 0 for the parts,
        and leaves the model alone.

    Attributes
    ----------
    reliable_negatives_ : (n,) bool
        Unlabelled rows that the second model takes for negative.
    estimator_ : the second model, trained to tell labelled rows (1) from reliable negatives (0).
    labelled_ : (n,) bool
    classes_ : (2,) names of the classes, sorted
    positive_class_ : the name of the positive one
    n_features_in_, feature_names_in_ : as the model has them

    References
    ----------
    Liu, Lee, Yu, Li (2002), Partially supervised classification of text documents, ICML (the first step); Liu, Dai,
    Li, Lee, Yu (2003), Building text classifiers using positive and unlabeled examples, ICDM (the second step, run
    once). Differs: any classifier in place of naive Bayes, and each labelled row is a spy in one of five rounds.

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

    scheme: Scheme = "single-training-set"

    def __init__(
        self,
        estimator: Any = None,
        *,
        lost: float = USUAL_LOST,
        positive: Hashable = None,
        cv: Any = None,
        random_state: Any = None,
    ) -> None:
        self.estimator = estimator
        self.lost = lost
        self.positive = positive
        self.cv = cv
        self.random_state = random_state

    def _learn(self, rows: PURows, folds: Groups, model: Any) -> Mapping[str, npt.NDArray[Any]]:
        negative = reliable_negatives(
            rows.fit_predict(model), rows.labelled, folds, lost=self.lost, weights=rows.weights
        )
        known = np.flatnonzero(rows.labelled | negative)
        self.estimator_ = rows.fitted(model, rows.labelled[known].astype(np.int64), rows=known)
        return {"reliable_negatives_": negative}

    def _positive_probs(self, X: Any) -> npt.NDArray[np.float64]:
        return np.asarray(self.estimator_.predict_proba(X)[:, 1], dtype=np.float64)
