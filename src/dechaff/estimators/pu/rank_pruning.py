"""Rank pruning as a scikit-learn classifier: two classes, with wrong labels in both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.errors import InputError
from dechaff.estimators.pu.meta_estimator import PURows, PUWithFolds
from dechaff.methods.pu.elkan_noto import out_of_fold_label_probs
from dechaff.methods.pu.rank_pruning import NoiseRates, kept_rows, noise_rates, retraining_weights
from dechaff.typing import Groups, Numbers


@dataclass(eq=False, repr=False, kw_only=True)
class RankPruningClassifier(PUWithFolds):
    """Binary classifier for labels that are wrong in both directions: prunes the least probable labels, then trains.

    Confident out-of-fold predictions give the noise rate of each label; that fraction of the rows with the least
    probable labels is dropped, and a fresh model is trained on the others, weighted to restore the class balance of
    the population. On positive-unlabelled data ``rho0=0`` is known, and 1 - rho1 is c. Confident learning does the same
    for more classes.

    Parameters
    ----------
    estimator : scikit-learn classifier with ``predict_proba`` that takes ``sample_weight``, or None
        A clone is fitted. None: logistic regression on standardised features.
    rho1 : float in [0, 1), or None
        Fraction of positives labelled negative, if known. None: estimated.
    rho0 : float in [0, 1), or None
        Fraction of negatives labelled positive, if known; 0 on positive-unlabelled data. None: estimated.
    positive, cv, random_state : as in `PUClassifier`

    Attributes
    ----------
    noise_rates_ : `NoiseRates`
        ``rho1`` and ``rho0``; ``wrong_positives`` and ``wrong_negatives``, the fraction of each label that is wrong;
        and ``class_prior``.
    class_prior_ : float in [0, 1]
        Fraction of positives.
    kept_ : (n,) bool
        Rows the model was trained on; the others have the least probable labels.
    estimator_ : the model, trained on the kept rows
    label_probs_ : (n,) float in [0, 1]
        Out-of-fold p(s = 1 | x) of the training rows; NaN for rows of weight 0.
    labelled_, classes_, positive_class_, n_features_in_, feature_names_in_ : as in `PUClassifier`

    References
    ----------
    Northcutt, Wu, Chuang (2017), Learning with confident examples: rank pruning for robust classification with noisy
    labels, UAI. Differs: rows with tied scores are dropped together or not at all, and nothing is dropped if labels
    seem to be wrong more often than right.

    Examples
    --------
    20 % of the labels are wrong:

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

    rho1: float | None = None
    rho0: float | None = None

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
                "rho1 and rho0", "sum to less than 1", found, "Otherwise labels are wrong more often than right."
            )
        return replace(noise_rates(label_probs, rows.labelled, weights=rows.weights), **known)


def _checked(name: str, rate: Any) -> float:
    if not isinstance(rate, int | float | np.floating) or not 0 <= rate < 1:
        raise InputError(name, "be a fraction from 0 to below 1, or None", repr(rate), "Omit it to have it estimated.")
    return float(rate)
