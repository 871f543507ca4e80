"""Rank pruning as a scikit-learn classifier: two classes, and labels of both may be wrong."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.errors import InputError
from dechaff.estimators.pu.meta_estimator import PUMetaEstimator, PURows
from dechaff.methods.pu.elkan_noto import out_of_fold_label_probs
from dechaff.methods.pu.rank_pruning import NoiseRates, kept_rows, noise_rates, retraining_weights
from dechaff.methods.pu.scheme import Scheme
from dechaff.typing import Groups, Numbers


class RankPruningClassifier(PUMetaEstimator):
    """Positives and negatives from labels of which some are wrong, in both directions.

    Rows that the model, out of fold, is confident of show how often each label is wrong; so many of the most doubtful
    rows of each label are left out, and a fresh model learns from the others, weighted so that both classes count as
    in the population. On positive-unlabelled data the rate of wrong positives is known, ``rho0=0``, and 1 - rho1 is c:
    this is the step from there to confident learning, which does the same for more classes.

    Parameters
    ----------
    estimator : scikit-learn classifier with ``predict_proba`` that takes ``sample_weight``, or None
        Never fitted itself. None is logistic regression on scaled numbers.
    rho1 : float from 0 to below 1, or None
        Share of the positives that are labelled negative, where it is known; None estimates it.
    rho0 : float from 0 to below 1, or None
        Share of the negatives that are labelled positive; 0 on positive-unlabelled data.
    positive : name of the positive class in y; the greater of the two where it is None
    cv : int, splitter, pairs (train, test), or None
        A number makes folds that are stratified on the labels, with equal rows together and no regard to their order;
        None makes five, or fewer where there are fewer distinct positive labels. Others must hold out each row once.
    random_state : int, RandomState or None
        Decides the folds, and the model's chances where the model leaves them open. None counts as 0 for the folds,
        and leaves the model alone.

    Attributes
    ----------
    noise_rates_ : `NoiseRates`
        ``rho1`` and ``rho0``, and what follows from them: ``wrong_positives`` and ``wrong_negatives``, the shares of
        each label that are wrong, and ``class_prior``.
    class_prior_ : float in [0, 1]
        Share of positives.
    kept_ : (n,) bool
        Rows that the model has learnt from; the others are those whose label is most likely wrong.
    estimator_ : the model, trained on the rows that were kept.
    label_probs_ : (n,) float in [0, 1]
        Out-of-fold p(s = 1 | x) of the training rows; NaN for rows of weight 0.
    labelled_ : (n,) bool, True = labelled positive
    classes_ : (2,) names of the classes, sorted
    positive_class_ : the name of the positive one
    n_features_in_, feature_names_in_ : as the model has them

    References
    ----------
    Northcutt, Wu, Chuang (2017), Learning with confident examples: rank pruning for robust classification with noisy
    labels, UAI. Differs: rows whose scores tie are left out together or not at all, and nothing is left out where
    labels seem to be wrong more often than right.

    Examples
    --------
    One in five labels is wrong:

    >>> random = np.random.default_rng(0)
    >>> y = random.random(1000) < 0.5
    >>> X = random.normal(size=(1000, 2)) + 3 * y[:, None]
    >>> s = y ^ (random.random(1000) < 0.2)
    >>> model = RankPruningClassifier().fit(X, s)
    >>> round(model.noise_rates_.rho1, 1), round(model.noise_rates_.rho0, 1)
    (0.2, 0.2)
    >>> float((model.predict(X) == y).mean()) > 0.95, float((s == y)[~model.kept_].mean()) < 0.2
    (True, True)
    """

    scheme: Scheme = "single-training-set"

    def __init__(
        self,
        estimator: Any = None,
        *,
        rho1: float | None = None,
        rho0: float | None = None,
        positive: Hashable = None,
        cv: Any = None,
        random_state: Any = None,
    ) -> None:
        self.estimator = estimator
        self.rho1 = rho1
        self.rho0 = rho0
        self.positive = positive
        self.cv = cv
        self.random_state = random_state

    def _learn(self, rows: PURows, folds: Groups, model: Any) -> Mapping[str, npt.NDArray[Any]]:
        label_probs = out_of_fold_label_probs(rows.fit_predict(model), rows.labelled, folds)
        self.noise_rates_ = self._rates(label_probs, rows)
        self.class_prior_ = self.noise_rates_.class_prior
        kept = kept_rows(label_probs, rows.labelled, self.noise_rates_, weights=rows.weights)
        places = np.flatnonzero(kept)
        row_weights = retraining_weights(rows.labelled, self.noise_rates_)[places]
        self.estimator_ = rows.fitted(
            model, rows.labelled[places].astype(np.int64), rows=places, row_weights=row_weights
        )
        return {"label_probs_": label_probs, "kept_": kept}

    def _rates(self, label_probs: Numbers, rows: PURows) -> NoiseRates:
        known = {
            name: _checked(name, rate) for name, rate in (("rho1", self.rho1), ("rho0", self.rho0)) if rate is not None
        }
        if sum(known.values()) >= 1:
            found = " and ".join(f"{name}={rate}" for name, rate in known.items())
            raise InputError(
                "rho1 and rho0", "be below 1 together", found, "Else labels are wrong more often than right."
            )
        return replace(noise_rates(label_probs, rows.labelled, weights=rows.weights), **known)

    def _positive_probs(self, X: Any) -> npt.NDArray[np.float64]:
        return np.asarray(self.estimator_.predict_proba(X)[:, 1], dtype=np.float64)


def _checked(name: str, rate: Any) -> float:
    if not isinstance(rate, int | float | np.floating) or not 0 <= rate < 1:
        raise InputError(
            name, "be a share from 0 to below 1, or None", repr(rate), "Leave it out to have it estimated."
        )
    return float(rate)
