"""Classifiers that correct, leave out or reweight rows whose labels are probably wrong before they learn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dechaff.estimators.clean.label_treatments import Treatment, correct, reweight, reweight_within_classes
from dechaff.estimators.clean.noisy_label_classifier import NoisyLabelClassifier
from dechaff.estimators.weighted_fit import weight_names

REWEIGHTING: dict[str, Treatment] = {"reweight within classes": reweight_within_classes, "reweight": reweight}


class CleanClassifier(NoisyLabelClassifier):
    """Trains any classifier on noisy labels after correcting, dropping or reweighting probable label errors.

    Label errors are estimated with out-of-fold predictions of the same model. There are three treatments: relabel a
    flagged row if the suggested label is sure and drop it otherwise (``correct``); weight each row by the probability
    that its label is right (``reweight``); or the same with the total weight of each class kept
    (``reweight within classes``). The treatment that raises accuracy on held-out given labels the most is applied; if
    none does, the labels are used as given. So clean labels, and models that are robust to noise, are left alone.

    Parameters
    ----------
    estimator : scikit-learn classifier with ``predict_proba`` or ``decision_function``, or None
        A clone is fitted, on the original class names. If its ``fit`` takes no ``sample_weight``, only ``correct`` is
        tried. None: logistic regression on standardised features.
    cv : int, splitter, iterable of (train, test), or None
        An int makes stratified folds that keep duplicate rows together and do not depend on row order. None: five, or
        fewer if there are fewer distinct rows. Other splitters must hold out each row exactly once.
    check : bool
        Whether to test each treatment on held-out labels first: 31 fits instead of 6 with five folds. If False, labels
        are corrected whether or not that helps.
    random_state : int, RandomState or None
        Seed of the folds, and of the model if its own seed is None. None: 0 for the folds, and the model is unseeded.
    n_jobs : int or None
        Number of parallel fits, as in joblib.

    Attributes
    ----------
    estimator_ : the model, trained on the treated rows
    found_ : `FoundErrors`
        ``score``, ``flag``, ``suggested`` … of the rows passed to ``fit``, the estimated noise, and the treatment.
    classes_ : (k,) class names, sorted
    n_features_in_, feature_names_in_ : as in the model

    See Also
    --------
    ReweightingClassifier : weights only; no row is dropped and no label changed.

    References
    ----------
    Northcutt, Jiang, Chuang (2021), Confident learning, JAIR 70, "learning with confident examples". Differs: uses the
    noise posterior instead of the confident joint, accepts sure suggestions, may reweight instead of drop, keeps at
    least ten rows per class unchanged, and does nothing if held-out labels do not support a treatment.

    Examples
    --------
    A fifth of the labels are wrong:

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

    def _treatments(self, model: Any) -> Mapping[str, Treatment]:
        return {"correct": correct} | (REWEIGHTING if weight_names(model) else {})


class ReweightingClassifier(NoisyLabelClassifier):
    """Trains any classifier that takes sample weights, each row weighted by the probability that its label is right.

    Label errors are estimated with out-of-fold predictions of the same model. Weights are applied with or without
    keeping the total weight of each class, whichever raises accuracy on held-out given labels more, or not at all. No
    row is dropped, and no label is changed.

    Parameters
    ----------
    estimator : scikit-learn classifier that takes ``sample_weight``, or None
        Has ``predict_proba`` or ``decision_function``. A clone is fitted, on the original class names. In a pipeline,
        weights go to the last step and to any other step that takes them. None: logistic regression on standardised
        features.
    cv, check, random_state, n_jobs : as in `CleanClassifier`

    Attributes
    ----------
    estimator_ : the model, trained on the weighted rows
    found_, classes_, n_features_in_, feature_names_in_ : as in `CleanClassifier`

    References
    ----------
    This library: the noise posterior of each label as its weight. Near Liu, Tao (2016), Classification with noisy
    labels by importance reweighting, TPAMI 38, which has two classes and known noise rates.

    Examples
    --------
    >>> random = np.random.default_rng(0)
    >>> true = random.integers(0, 3, 600)
    >>> X = random.normal(size=(600, 2)) + 3 * np.eye(3)[true][:, :2]
    >>> y = np.where(random.random(600) < 0.2, (true + 1) % 3, true)
    >>> found = ReweightingClassifier(check=False).fit(X, y).found_
    >>> found.n_left_out, found.treatment
    (0, 'reweight within classes')
    """

    def _treatments(self, model: Any) -> Mapping[str, Treatment]:
        return REWEIGHTING
