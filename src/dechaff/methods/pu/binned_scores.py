"""Labelled and unlabelled rows counted along the model's score: the input of all estimators of c."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt

from dechaff.errors import InputError
from dechaff.methods.pu.scheme import row_counts
from dechaff.typing import Axes, Mask, Numbers

Bins = Annotated[npt.NDArray[np.float64], Axes("b")]
"""One number per bin, from the highest score to the lowest."""


@dataclass(frozen=True)
class BinnedScores:
    """How many labelled and unlabelled rows have each score."""

    scores: Bins
    """The model's p(s = 1 | x), strictly descending."""
    labelled: Bins
    """Labelled rows of each bin (sums of weights; 0 if a resample drew none)."""
    unlabelled: Bins
    """Unlabelled rows of each bin."""

    @property
    def n_labelled(self) -> float:
        """Labelled rows in all."""
        return float(self.labelled.sum())

    @property
    def n_unlabelled(self) -> float:
        """Unlabelled rows in all."""
        return float(self.unlabelled.sum())

    def resampled(self, random: np.random.Generator) -> BinnedScores:
        """As many rows drawn with replacement: the bootstrap of pairs (score, labelled or not).

        At least one row of either kind is drawn, while an exact bootstrap may draw none: no estimator is defined then.
        """
        n = max(round(self.n_labelled + self.n_unlabelled), 2)
        share = self.n_labelled / (self.n_labelled + self.n_unlabelled)
        drawn = min(max(int(random.binomial(n, share)), 1), n - 1)
        labelled = random.multinomial(drawn, self.labelled / self.n_labelled)
        unlabelled = random.multinomial(n - drawn, self.unlabelled / self.n_unlabelled)
        return BinnedScores(self.scores, labelled.astype(np.float64), unlabelled.astype(np.float64))


def bin_scores(
    label_probs: Numbers, labelled: Mask, *, weights: Numbers | None = None, max_bins: int = 1000
) -> BinnedScores:
    """Rows counted along their score: one bin per distinct score, or quantiles if there are too many.

    Quantiles are those of half the labelled and half the unlabelled rows, whatever their numbers, so that the top,
    where the few labelled rows are and where c is read, is cut as finely as the rest. Equal scores share a bin, and the
    highest score has one of its own.

    Parameters
    ----------
    label_probs : (n,) float from 0 to 1
        Out-of-fold p(s = 1 | x). In-sample ones make every estimate of c wrong.
    labelled : (n,) bool
        The labelled positives.
    weights : (n,) float, at least 0
        How often each row counts; rows of weight 0 are left out. Weights below one on average are scaled up to that:
        they cannot be counts, and the rows that they stand for are as many as they are.
    max_bins : int, at least 2

    Raises
    ------
    InputError
        If lengths differ, a score is outside [0, 1], a weight is negative, or no row is labelled or unlabelled.

    Examples
    --------
    >>> binned = bin_scores(np.array([0.1, 0.8, 0.8, 0.3]), np.array([False, True, False, False]))
    >>> binned.scores, binned.labelled, binned.unlabelled
    (array([0.8, 0.3, 0.1]), array([1., 0., 0.]), array([1., 1., 1.]))
    """
    if max_bins < 2:
        raise InputError("max_bins", "be at least 2", str(max_bins), "Leave it out: 1000 bins lose next to nothing.")
    scores, positive, counts = _checked(label_probs, labelled, weights)
    distinct, place = np.unique(scores, return_inverse=True)
    on_labelled = _counted(place[positive], counts[positive], len(distinct))
    on_unlabelled = _counted(place[~positive], counts[~positive], len(distinct))
    if len(distinct) > max_bins:
        distinct, on_labelled, on_unlabelled = _quantile_bins(distinct, on_labelled, on_unlabelled, max_bins)
    return BinnedScores(distinct[::-1].copy(), on_labelled[::-1].copy(), on_unlabelled[::-1].copy())


def _counted(place: npt.NDArray[np.int64], counts: npt.NDArray[np.float64], n_bins: int) -> Bins:
    return np.asarray(np.bincount(place, counts, minlength=n_bins), dtype=np.float64)


def _quantile_bins(scores: Bins, labelled: Bins, unlabelled: Bins, max_bins: int) -> tuple[Bins, Bins, Bins]:
    """The same with neighbouring scores joined; each bin has the mean score of its rows.

    The highest score keeps a bin of its own: e3 is that score, not the mean of some that are nearly as high.
    """
    mass = labelled / labelled.sum() + unlabelled / unlabelled.sum()
    middle = (mass.cumsum() - mass / 2) / mass.sum()
    quantile = (middle * (max_bins - 1)).astype(np.int64)
    quantile[-1] = max_bins
    cuts = np.unique(quantile, return_index=True)[1]
    sums = [np.add.reduceat(one, cuts) for one in (labelled, unlabelled, scores * (labelled + unlabelled))]
    # Rounding must not push a mean past the scores that it is the mean of, or bins would tie.
    last = np.append(cuts[1:], len(scores)) - 1
    return np.clip(sums[2] / (sums[0] + sums[1]), scores[cuts], scores[last]), sums[0], sums[1]


def _checked(
    label_probs: Numbers, labelled: Mask, weights: Numbers | None
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_], npt.NDArray[np.float64]]:
    """The rows that count, and how often each does."""
    scores, positive = np.asarray(label_probs, dtype=np.float64), np.asarray(labelled)
    counts = row_counts(weights, label_probs=scores, labelled=positive)
    check_mask(positive)
    _refuse(~(np.isfinite(counts) & (counts >= 0)), counts, "weights", "be finite and at least 0")
    seen = counts > 0
    scores, positive, counts = scores[seen], positive[seen], counts[seen]
    _refuse(~((scores >= 0) & (scores <= 1)), scores, "label_probs", "be probabilities from 0 to 1")
    _refuse_one_kind(int(positive.sum()), len(positive))
    return scores, positive, counts / min(float(counts.mean()), 1.0)


def check_mask(labelled: npt.NDArray[Any]) -> None:
    """An InputError if the labelled rows are not marked by True and False."""
    if labelled.ndim != 1 or labelled.dtype != np.bool_:
        raise InputError(
            "labelled",
            "be a one-dimensional array of True and False",
            f"shape {labelled.shape} of {labelled.dtype}",
            "Mark the labelled positives with a comparison, such as s == 1.",
        )


def _refuse(bad: npt.NDArray[np.bool_], values: npt.NDArray[np.float64], name: str, must: str) -> None:
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise InputError(
            name, must, f"{values[row]} in row {row} ({int(bad.sum())} in all)", "Correct or drop such rows."
        )


def _refuse_one_kind(n_labelled: int, n: int) -> None:
    if n_labelled in (0, n):
        raise InputError(
            "labelled",
            "mark some rows and leave some",
            f"{n_labelled} labelled rows of {n}",
            "Pass labelled positives together with unlabelled rows.",
        )
