"""What out-of-sample probabilities of a label say of the classes behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from dechaff.data.open_positives import OpenedPositives
from dechaff.estimators.pu.estimates import PUEstimate, PUEstimates, pu_estimates
from dechaff.methods.pu.binned_scores import BinnedScores, bin_scores
from dechaff.methods.pu.class_prior.plateau import fit_plateau
from dechaff.methods.pu.diagnostics.positive_errors import PositiveErrors, positive_errors
from dechaff.methods.pu.diagnostics.score_diagnoses import Diagnosis, wrong_positives
from dechaff.methods.pu.scheme import Scheme, class_prior, unlabelled_fraction
from dechaff.methods.pu.weighted_unlabelled import weights_from_positive_probs
from dechaff.models.single_threaded import single_threaded
from dechaff.recipe.baseline.baseline import Baseline
from dechaff.recipe.tasks.positives.diagnosed import ERRORS, UNDERMINES, diagnosed
from dechaff.typing import Mask, Numbers

USED = "consensus"
"""The estimate of c that probabilities are made with."""


@dataclass(frozen=True)
class Judged:
    """Rows with the chance that each is positive, and what is known of c and the class prior.

    ``chances`` (n,) are p(y = 1 | x, s = 0), the chance that a row is positive although it is not labelled;
    ``label_shares`` (n,) are g, calibrated: how many of the rows like this one are labelled; of an unlabelled row, how
    many would be if no label were wrong.
    """

    labelled: Mask
    label_probs: Numbers
    binned: BinnedScores
    scheme: Scheme
    c: float
    chances: Numbers
    label_shares: Numbers
    estimates: PUEstimates
    errors: PositiveErrors
    diagnoses: tuple[Diagnosis, ...]

    @property
    def reliable(self) -> bool:
        """Whether labels may be changed by these chances without a person."""
        return not any(one.wrong and one.name in UNDERMINES for one in self.diagnoses)

    @property
    def errors_are_sure(self) -> bool:
        """Whether there surely are wrong labels, so that one may be taken away without a person."""
        return self.reliable and any(one.wrong and one.name == ERRORS for one in self.diagnoses)

    @property
    def used(self) -> PUEstimate:
        """The estimate that everything rests on, with its interval."""
        return self.estimates[USED]

    @property
    def class_prior(self) -> float:
        """Share of positives in the population."""
        return class_prior(self.c, self.binned.n_labelled, self.binned.n_unlabelled, self.scheme)

    def hidden(self, c: float) -> float:
        """Positives among the unlabelled rows, if c is the chance that a positive is labelled."""
        n_labelled, n_unlabelled = self.binned.n_labelled, self.binned.n_unlabelled
        return unlabelled_fraction(c, n_labelled, n_unlabelled) * n_unlabelled


def judge(found: OpenedPositives, base: Baseline, *, scheme: Scheme, model: Any = None, seed: int = 0) -> Judged:
    """Everything that follows from g(x) = p(s = 1 | x) of every row, out of fold.

    Parameters
    ----------
    found : the data.
    base : the model of the label.
    scheme : how the rows were drawn.
    model : the user's, where it is the model of the label.
    seed : of the bootstraps.
    """
    labelled, label_probs = found.labelled, base.pooled[:, found.positive_code].clip(0.0, 1.0)
    with single_threaded():
        binned = bin_scores(label_probs, labelled)
        estimates = pu_estimates(binned, scheme=scheme, used=USED, n_bootstraps=200, seed=seed)
        # As if all rows were positive: c cannot be lower.
        c = min(max(estimates[USED].c, float(labelled.mean())), 1.0)
        errors = positive_errors(label_probs, labelled, seed=seed)
        # Of the ways from g to chances, the plateau fit gives the best calibrated ones row by row.
        as_labelled = positive_probs = fit_plateau(binned).positive_probs(label_probs)
        if wrong_positives(errors).wrong:
            sound = _without_wrong_labels(label_probs, labelled, errors.score)
            positive_probs = fit_plateau(sound).positive_probs(label_probs)
        chances = weights_from_positive_probs(positive_probs, c)
        diagnoses = diagnosed(found.train, label_probs, labelled, base.folds, errors=errors, model=model, seed=seed)
    shares = c * np.where(labelled, as_labelled, positive_probs)
    return Judged(labelled, label_probs, binned, scheme, c, chances, shares, estimates, errors, diagnoses)


def _without_wrong_labels(label_probs: Numbers, labelled: Mask, doubt: Numbers) -> BinnedScores:
    """Row counts with each positive label weighted by 1 - P(wrong).

    Labels among sure negatives are a floor, and the plateau fit has none: it takes them for a rise that has hardly
    begun, and then calls no row surely positive either.
    """
    doubt = np.where(labelled, doubt, 0.0)
    counts = np.concatenate([1 - doubt, doubt])
    return bin_scores(np.tile(label_probs, 2), np.concatenate([labelled, np.zeros_like(labelled)]), weights=counts)
