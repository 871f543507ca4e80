"""Labelled positives that are none: how many, and which ones first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from dechaff.core.level_shift import level_shift
from dechaff.methods.pu.binned_scores import BinnedScores, bin_scores, check_mask
from dechaff.methods.pu.class_prior.best_bin import best_bin, top_bin
from dechaff.methods.pu.class_prior.consensus import consensus
from dechaff.methods.pu.diagnostics.label_curve import (
    FREE_FLOOR,
    LabelCurve,
    bin_ranks,
    fit_label_curve,
    normal_ranks,
)
from dechaff.methods.pu.scheme import row_counts, unlabelled_fraction
from dechaff.typing import Mask, Numbers, Score

COVERAGE = 0.95
BINS = 300
"""As good as more, and a few times faster."""

_TINY = 1e-12


@dataclass(frozen=True)
class PositiveErrors:
    """Errors among the labelled positives, estimated from the scores."""

    rate: float
    """Fraction of the labelled rows that are negative."""
    low: float
    high: float
    """Ends of the 95 % interval of the rate, by bootstrap of the scores."""
    score: Score
    """Probability of each labelled row to be negative; 0 for unlabelled rows, which have no label that could be
    wrong."""


def positive_errors(
    label_probs: Numbers, labelled: Mask, *, weights: Numbers | None = None, n_bootstraps: int = 100, seed: int = 0
) -> PositiveErrors:
    """How many labelled rows are negative all the same, and how doubtful each is.

    If a fraction of the negatives is labelled by mistake, p(s = 1 | x) does not fall to zero where rows are certainly
    negative, but to a floor rho. So the labelled share is fitted as a floor, a rise and a plateau over the rank of the
    score, ``rho + (c - rho) f(x)``, by which a labelled row is negative with probability
    ``rho (1 - f) / (rho (1 - f) + c f)``. The rate is the mean of that, but within what the low end of the scores
    allows, where the fraction of labelled rows would have to be that of the negatives among them: as much as by
    `best_bin` there, as little as by `top_bin`.

    Errors must be drawn from the negatives at random; mistakes on look-alikes cannot be seen by any score. Where the
    classes overlap much, low scores of true positives count as errors, and the rate is too high. Nothing can be told
    where as large a fraction of the negatives is labelled as of the positives.

    Parameters
    ----------
    label_probs : (n,) float from 0 to 1
        Out-of-fold g. In-sample ones hide errors. NaN for rows that were left out.
    labelled : (n,) bool
    weights : (n,) float, at least 0
        How often each row counts.
    n_bootstraps : at least 1
    seed : decides the bootstraps.

    Returns
    -------
    PositiveErrors

    Raises
    ------
    InputError
        If lengths differ, a score is outside [0, 1], a weight is negative, or no row is labelled or unlabelled.

    Source
    ------
    The floor turns round the upper limit of Perla (2013), Learning classifiers from positive and unlabeled examples;
    the low end is algorithm 1 of Garg et al. (2021), NeurIPS, and the edge of Scott (2015), AISTATS, with the two
    kinds of rows exchanged. Their use for errors among positives is our own.

    Examples
    --------
    One in ten of the 400 labelled rows stems from the negatives:

    >>> random = np.random.default_rng(0)
    >>> x = np.concatenate([random.normal(4, 1, 1000), random.normal(0, 1, 2000)])
    >>> labelled = np.zeros(3000, dtype=bool)
    >>> labelled[:360] = labelled[-40:] = True
    >>> label_probs = 0.02 + 0.34 / (1 + np.exp(-4 * (x - 2.2)))
    >>> found = positive_errors(label_probs, labelled, n_bootstraps=20)
    >>> abs(found.rate - 0.1) < 0.03, found.low < 0.1 < found.high
    (True, True)
    >>> int((np.argsort(-found.score)[:20] >= 2960).sum())
    20
    """
    label_probs, labelled = np.asarray(label_probs, dtype=np.float64), np.asarray(labelled)
    counts = row_counts(weights, label_probs=label_probs, labelled=labelled)
    check_mask(labelled)
    seen = np.isfinite(label_probs) & (counts != 0)
    scores, positive, counts = label_probs[seen], labelled[seen], counts[seen]
    binned = bin_scores(scores, positive, weights=counts, max_bins=BINS)
    negative = 1 - unlabelled_fraction(consensus(binned), binned.n_labelled, binned.n_unlabelled)
    rate, random = _rate(binned, negative), np.random.default_rng(seed)
    drawn = [_rate(binned.resampled(random), negative) for _ in range(n_bootstraps)]
    low, high = np.quantile(drawn, [(1 - COVERAGE) / 2, (1 + COVERAGE) / 2])
    odds = _odds(_curve(binned), normal_ranks(scores, counts))
    score = np.zeros(len(labelled))
    score[seen & labelled] = _with_mean(odds[positive], counts[positive], rate)
    return PositiveErrors(rate, min(float(low), rate), max(float(high), rate), score)


def _curve(binned: BinnedScores) -> LabelCurve:
    share = binned.n_labelled / (binned.n_labelled + binned.n_unlabelled)
    return fit_label_curve(binned, c=(share, 1.0), floor=FREE_FLOOR)


def _rate(binned: BinnedScores, negative: float) -> float:
    """By the curve, within the bounds of the low end, if this fraction of the unlabelled rows is negative."""
    odds = _odds(_curve(binned), bin_ranks(binned))
    by_curve = float(binned.labelled @ (odds / (1 + odds))) / binned.n_labelled
    # Both find positives among unlabelled rows; with the kinds exchanged, unlabelled-like among labelled ones. The
    # second overestimates c if it errs, so too few of them.
    reverse = BinnedScores(1 - binned.scores[::-1], binned.unlabelled[::-1], binned.labelled[::-1])
    most, least = (
        negative * unlabelled_fraction(one(reverse), binned.n_unlabelled, binned.n_labelled)
        for one in (best_bin, top_bin)
    )
    return min(max(by_curve, least), most)


def _odds(curve: LabelCurve, ranks: Numbers) -> Numbers:
    """Of a labelled row to be negative; never quite 0, so that rows keep their order."""
    f = np.maximum(curve.positive_probs(ranks), _TINY)
    return np.maximum(curve.floor * (1 - f) / (curve.c * f), _TINY)


def _with_mean(odds: Numbers, counts: Numbers, rate: float) -> Score:
    """Probabilities in the order of the odds, with this mean over all rows: all odds times one factor."""
    log_odds = np.log(odds)
    return np.asarray(expit(log_odds + level_shift(log_odds, rate * float(counts.sum()), weights=counts)))
