"""A classifier that lets each row count as far as its label can be trusted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dechaff.estimators.doubting_classifier import DoubtingClassifier
from dechaff.estimators.label_treatments import Treatment, weigh, weigh_within_classes


class ReweightingClassifier(DoubtingClassifier):
    """Any classifier that takes weights, trained on rows of which the doubtful ones count for less.

    Labels are judged by models of the same kind that have not seen them. A row counts as much as its label is probable,
    with or without each class counting as much in all as before. Of these two, that is done which makes a model agree
    more with labels that had no part in it (``check``), or nothing. No row is lost, and no label changed.

    Parameters
    ----------
    estimator : scikit-learn classifier that takes ``sample_weight``, or None
        Has ``predict_proba`` or ``decision_function``. Never fitted itself; gets the labels as they were named. In a
        pipeline the weights go to the last step, and to others that take them. None is logistic regression on scaled
        numbers.
    cv, check, random_state, n_jobs : as `CleanClassifier` has them

    Attributes
    ----------
    estimator_ : the model, trained on weighted rows.
    found_, classes_, n_features_in_, feature_names_in_ : as `CleanClassifier` has them

    References
    ----------
    This library: the noise posterior of each label as its weight. Near Liu, Tao (2016), Classification with noisy
    labels by importance reweighting, TPAMI 38, which has two classes and rates that are known.

    Examples
    --------
    >>> import numpy as np
    >>> random = np.random.default_rng(0)
    >>> true = random.integers(0, 3, 600)
    >>> X = random.normal(size=(600, 2)) + 3 * np.eye(3)[true][:, :2]
    >>> y = np.where(random.random(600) < 0.2, (true + 1) % 3, true)
    >>> found = ReweightingClassifier(check=False).fit(X, y).found_
    >>> found.n_left_out, found.treatment
    (0, 'weigh within classes')
    """

    def __init__(
        self,
        estimator: Any = None,
        *,
        cv: Any = None,
        check: bool = True,
        random_state: Any = None,
        n_jobs: int | None = None,
    ) -> None:
        self.estimator = estimator
        self.cv = cv
        self.check = check
        self.random_state = random_state
        self.n_jobs = n_jobs

    def _treatments(self, model: Any) -> Mapping[str, Treatment]:
        return {"weigh within classes": weigh_within_classes, "weigh": weigh}
