"""Base of the classifiers that minimise a positive-unlabelled risk: its class prior, given or estimated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from dechaff.errors import InputError
from dechaff.estimators.pu.meta_estimator import PUMetaEstimator, PURows
from dechaff.methods.pu.binned_scores import bin_scores
from dechaff.methods.pu.class_prior.consensus import consensus
from dechaff.methods.pu.elkan_noto import out_of_fold_label_probs
from dechaff.methods.pu.scheme import Scheme, c_of_fraction, class_prior
from dechaff.typing import Groups, Numbers


@dataclass(frozen=True)
class RiskPrior:
    """The class prior, and c."""

    class_prior: float
    """Fraction of positives in the population, in (0, 1)."""
    c: float
    """Probability that a positive of the training rows is labelled."""
    label_probs: Numbers | None
    """(n,) out-of-fold g of the rows; None if the prior was given."""


def risk_prior(given: Any, rows: PURows, folds: Groups, model: Any, scheme: Scheme) -> RiskPrior:
    """The given class prior, or the consensus of four estimators.

    Parameters
    ----------
    given : float in (0, 1), or None
    rows : n training rows
    folds : (n,) int
    model : scikit-learn classifier
        Learns to separate labelled from unlabelled rows if the prior is not given.
    scheme : "single-training-set" or "case-control"

    Raises
    ------
    InputError
        If the given prior is not in (0, 1), or below the fraction of labelled rows.
    """
    counts = np.ones(len(rows.labelled)) if rows.weights is None else rows.weights
    n_labelled, n_unlabelled = float(counts[rows.labelled].sum()), float(counts[~rows.labelled].sum())
    if given is not None:
        prior = _checked(given, n_labelled, n_unlabelled, scheme)
        return RiskPrior(prior, _c_of(prior, n_labelled, n_unlabelled, scheme), None)
    label_probs = out_of_fold_label_probs(rows.fit_predict(model), rows.labelled, folds)
    binned = bin_scores(label_probs, rows.labelled, weights=rows.weights)
    # At least one row must be positive and one negative, or there is nothing to train on.
    least = 1 / (n_labelled + n_unlabelled)
    c = max(consensus(binned), n_labelled / (n_labelled + n_unlabelled))
    prior = float(np.clip(class_prior(c, n_labelled, n_unlabelled, scheme), least, 1 - least))
    return RiskPrior(prior, c, label_probs)


def _c_of(prior: float, n_labelled: float, n_unlabelled: float, scheme: Scheme) -> float:
    if scheme == "case-control":
        return c_of_fraction(prior, n_labelled, n_unlabelled)
    return min(n_labelled / (n_labelled + n_unlabelled) / prior, 1.0)


def _checked(given: Any, n_labelled: float, n_unlabelled: float, scheme: Scheme) -> float:
    if not isinstance(given, int | float | np.floating) or not 0 < given < 1:
        fix = "Omit it to have it estimated."
        raise InputError("class_prior", "be a number above 0 and below 1, or None", repr(given), fix)
    fraction = n_labelled / (n_labelled + n_unlabelled)
    # The user may have rounded it.
    if scheme == "single-training-set" and given < fraction * (1 - 1e-3):
        must, fix = f"be at least {fraction:.4g}, the fraction of labelled rows", 'Or pass scheme="case-control".'
        raise InputError("class_prior", must, repr(given), fix)
    return float(given)


@dataclass(eq=False, repr=False, kw_only=True)
class PURiskEstimator(PUMetaEstimator):
    """Base of the classifiers that minimise a risk, for a class prior that is given or estimated."""

    class_prior: float | None = None
    scheme: Scheme = "single-training-set"
    cv: Any = None
    estimator = None

    def _set_prior(self, rows: PURows, folds: Groups, model: Any) -> Numbers | None:
        """Sets ``class_prior_`` and ``c_``; returns out-of-fold g (n,) if the prior was estimated."""
        found = risk_prior(self.class_prior, rows, folds, model, self.scheme)
        self.c_, self.class_prior_ = found.c, found.class_prior
        return found.label_probs

    def _copy_features(self) -> None:
        """They are set by `validate_data`."""
