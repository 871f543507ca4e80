"""Classifiers that correct, leave out or reweight rows whose labels are probably wrong before they learn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dechaff.estimators.clean.label_treatments import Treatment, correct, weigh, weigh_within_classes
from dechaff.estimators.clean.noisy_label_classifier import NoisyLabelClassifier
from dechaff.estimators.weighted_fit import weight_names


class CleanClassifier(NoisyLabelClassifier):
    """Any classifier, trained on labels of which the wrong ones are corrected, left out or weighed down.

    Labels are judged by models of the same kind that have not seen them. Three things can be done about those that are
    probably wrong: give a row the label that is suggested where that is sure, and leave it out where only the error is;
    let each row count as much as its label is probable; or the same, with each class counting for as much as before. Of
    these, that is done which makes a model agree more with labels that had no part in it (``check``); where none does,
    nothing is done. So clean labels, and models that noise does not hurt, are left alone.

    Parameters
    ----------
    estimator : scikit-learn classifier with ``predict_proba`` or ``decision_function``, or None
        Never fitted itself; gets the labels as they were named. Where its ``fit`` takes no ``sample_weight``, rows are
        corrected or left out only. None is logistic regression on scaled numbers.
    cv : int, splitter, pairs (train, test), or None
        A number makes folds that are stratified on the labels, with equal rows together and no regard to their order;
        None makes five, or fewer where there are fewer distinct rows. Others must hold out each row once.
    check : bool
        Whether what is to be done is tried on held-out labels first. Costs 31 fits instead of 6 where there are five
        folds; without it, labels are corrected whether or not that helps.
    random_state : int, RandomState or None
        Decides the folds, and the model's chances where the model leaves them open. None counts as 0 for the folds,
        and leaves the model alone.
    n_jobs : int or None
        Fits that run side by side, as joblib has it.

    Attributes
    ----------
    estimator_ : the model, trained on the rows and labels that were kept.
    found_ : `FoundErrors`
        ``score``, ``flag``, ``suggested`` … of the rows of ``fit``, the noise as a whole, and what was done.
    classes_ : (k,) names of the classes, sorted
    n_features_in_, feature_names_in_ : as the model has them

    See Also
    --------
    ReweightingClassifier : the same by weights alone, so that no row is lost and no label changed.

    References
    ----------
    Northcutt, Jiang, Chuang (2021), Confident learning, JAIR 70, "learning with confident examples". Differs: the noise
    posterior instead of the confident joint, sure suggestions are taken, rows may count in part, some rows of each
    class stay, and nothing is done where held-out labels do not speak for it.

    Examples
    --------
    A fifth of the labels are wrong:

    >>> import numpy as np
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> random = np.random.default_rng(0)
    >>> true = random.integers(0, 3, 600)
    >>> X = random.normal(size=(600, 2)) + 3 * np.eye(3)[true][:, :2]
    >>> y = np.where(random.random(600) < 0.2, (true + 1) % 3, true)
    >>> tree = DecisionTreeClassifier(min_samples_leaf=5, random_state=0)
    >>> clean = CleanClassifier(tree).fit(X, y)
    >>> float((clean.predict(X) == true).mean()) > float((tree.fit(X, y).predict(X) == true).mean())
    True
    >>> clean.found_.gains[clean.found_.treatment] > 0
    True
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
        if not weight_names(model):
            return {"correct": correct}
        return {"correct": correct, "weigh within classes": weigh_within_classes, "weigh": weigh}


class ReweightingClassifier(NoisyLabelClassifier):
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
