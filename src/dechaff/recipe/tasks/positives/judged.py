"""What out-of-sample probabilities of a label say of the classes behind it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.data.dataset import Dataset
from dechaff.estimators.pu.estimates import PUEstimates, pu_estimates
from dechaff.methods.pu.binned_scores import BinnedScores, bin_scores
from dechaff.methods.pu.class_prior.compromise import recommended
from dechaff.methods.pu.class_prior.estimates import PUEstimate
from dechaff.methods.pu.class_prior.plateau import Plateau, fit_plateau
from dechaff.methods.pu.diagnostics.positive_errors import PositiveErrors, positive_errors
from dechaff.methods.pu.diagnostics.score_diagnoses import Diagnosis, wrong_positives
from dechaff.methods.pu.scheme import Scheme, class_prior, unlabelled_fraction
from dechaff.methods.pu.weighted_unlabelled import weights_from_positive_probs
from dechaff.models.single_threaded import single_threaded
from dechaff.recipe.baseline.prob_parts import ProbParts
from dechaff.recipe.tasks.positives.diagnosed import ERRORS, UNDERMINES, diagnosed
from dechaff.typing import Groups, Mask, Numbers

STEPS = 50_000
"""Label probabilities of rows out of core are rounded to 1/50,000, far finer than the calibration of any model."""


@dataclass(frozen=True)
class LabelProbs:
    """Label probabilities of all rows: ``counts`` (n,) rows each that are ``labelled`` (n,), or not."""

    probs: Numbers
    labelled: Mask
    counts: Numbers

    @classmethod
    def of(cls, probs: Numbers, labelled: Mask) -> LabelProbs:
        """Those of n rows."""
        return cls(probs, labelled, np.ones(len(probs)))

    @classmethod
    def of_parts(cls, parts: ProbParts, positive_code: int) -> LabelProbs:
        """Rows on a grid of `STEPS`: as many numbers for a thousand rows as for a billion."""
        counts = np.zeros((2, STEPS + 1))
        for part in parts.parts():
            places, labelled = _places(part.probs[:, positive_code]), part.codes == positive_code
            for kind, some in enumerate((places[labelled], places[~labelled])):
                counts[kind] += np.bincount(some, minlength=STEPS + 1)
        kinds, places = np.nonzero(counts)
        return cls(places / STEPS, kinds == 0, counts[kinds, places])

    def without(self, doubt: Numbers) -> BinnedScores:
        """The rows with each positive label weighted by 1 - P(wrong).

        Labels among sure negatives are a floor, and the plateau fit has none: it takes them for a rise that has hardly
        begun, and then calls no row certainly positive either.
        """
        doubt = np.where(self.labelled, doubt, 0.0)
        counts = np.concatenate([self.counts * (1 - doubt), self.counts * doubt])
        return bin_scores(
            np.tile(self.probs, 2), np.concatenate([self.labelled, np.zeros_like(self.labelled)]), weights=counts
        )


def _places(label_probs: Numbers) -> npt.NDArray[np.int64]:
    return np.asarray(np.rint(label_probs.clip(0.0, 1.0) * STEPS), dtype=np.int64)


@dataclass(frozen=True)
class RowChances:
    """Rows by what their label probabilities come to."""

    chances: Numbers
    """(n,) p(y = 1 | x, s = 0): the chance that a row is positive although it is not labelled."""
    label_shares: Numbers
    """(n,) g, calibrated: how many of the rows like this one are labelled; of an unlabelled row, how many would be if
    no label were wrong."""
    doubt: Numbers
    """(n,) the chance that a labelled row is negative; 0 for others."""


@dataclass(frozen=True)
class Judged:
    """What is known of all rows together, c and the class prior among it, and how each is judged by its probability."""

    seen: LabelProbs
    binned: BinnedScores
    scheme: Scheme
    c: float
    estimates: PUEstimates
    errors: PositiveErrors
    diagnoses: tuple[Diagnosis, ...]
    as_labelled: Plateau
    as_positive: Plateau

    @property
    def reliable(self) -> bool:
        """Whether labels may be changed by these probabilities without a review."""
        return not any(one.wrong and one.name in UNDERMINES for one in self.diagnoses)

    @property
    def errors_are_sure(self) -> bool:
        """Whether there are certainly wrong labels, so that one may be removed without a review."""
        return self.reliable and any(one.wrong and one.name == ERRORS for one in self.diagnoses)

    @property
    def used(self) -> PUEstimate:
        """The estimate that everything rests on, with its interval."""
        return next(one for one in self.estimates if one.used)

    @property
    def class_prior(self) -> float:
        """Fraction of positives in the population."""
        return class_prior(self.c, self.binned.n_labelled, self.binned.n_unlabelled, self.scheme)

    def hidden(self, c: float) -> float:
        """Positives among the unlabelled rows, if c is the chance that a positive is labelled."""
        n_labelled, n_unlabelled = self.binned.n_labelled, self.binned.n_unlabelled
        return unlabelled_fraction(c, n_labelled, n_unlabelled) * n_unlabelled

    def rows(self, label_probs: Numbers, labelled: Mask) -> RowChances:
        """Some rows, by their label probabilities (n,)."""
        positive_probs = self.as_positive.positive_probs(label_probs)
        like = np.where(labelled, self.as_labelled.positive_probs(label_probs), positive_probs)
        chances = weights_from_positive_probs(positive_probs, self.c)
        return RowChances(chances, self.c * like, np.where(labelled, self._doubt(label_probs), 0.0))

    @cached_property
    def _doubts(self) -> tuple[Numbers, Numbers]:
        """The label probabilities of labelled rows in order, and the chance that such a row is negative."""
        known, first = np.unique(self.seen.probs[self.seen.labelled], return_index=True)
        return known, self.errors.score[self.seen.labelled][first]

    def _doubt(self, label_probs: Numbers) -> Numbers:
        """That of the nearest known probability."""
        known, doubts = self._doubts
        above = np.searchsorted(known, label_probs).clip(max=len(known) - 1)
        below = (above - 1).clip(min=0)
        return doubts[np.where(label_probs - known[below] < known[above] - label_probs, below, above)]


def judge(
    seen: LabelProbs,
    sample: Dataset,
    of_sample: tuple[Numbers, Mask, Groups],
    *,
    scheme: Scheme,
    model: Any = None,
    seed: int = 0,
) -> Judged:
    """Everything that follows from g(x) = p(s = 1 | x) of every row, out of fold.

    Parameters
    ----------
    seen : the probabilities of all rows.
    sample : rows whose columns are at hand, of which it is asked what may be wrong: all rows, or a sample.
    of_sample : their probabilities, whether they are labelled, and their folds.
    scheme : how the rows were drawn.
    model : the user's, if it is the model of the label.
    seed : of the bootstraps.
    """
    with single_threaded():
        binned = bin_scores(seen.probs, seen.labelled, weights=seen.counts)
        used = recommended(binned).__name__
        estimates = pu_estimates(binned, scheme=scheme, used=used, n_bootstraps=200, seed=seed)
        # As if all rows were positive: c cannot be lower.
        c = min(max(estimates[used].c, binned.n_labelled / float(seen.counts.sum())), 1.0)
        errors = positive_errors(seen.probs, seen.labelled, weights=seen.counts, seed=seed)
        # Of the ways from g to chances, the plateau fit gives the best calibrated ones row by row.
        as_labelled = as_positive = fit_plateau(binned)
        if wrong_positives(errors).wrong:
            as_positive = fit_plateau(seen.without(errors.score))
        probs, labelled, folds = of_sample
        # Out of core, the errors are those of all rows, and the diagnoses look at the sample.
        known = errors if np.array_equal(seen.probs, probs) else None
        diagnoses = diagnosed(sample, probs, labelled, folds, errors=known, model=model, seed=seed)
    return Judged(seen, binned, scheme, c, estimates, errors, diagnoses, as_labelled, as_positive)
