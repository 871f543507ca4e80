"""The difference between two models: its interval over test and training rows, and the test of McNemar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dechaff.methods.proof.row_scores import RowScores, mean_over_seeds
from dechaff.typing import Labels, Mask


@dataclass(frozen=True)
class McNemar:
    """Test rows that only one of two models gets right, and how surprising their imbalance is."""

    only_before_right: int
    only_after_right: int
    exact: float
    """Two-sided exact p-value; never too small, often too large."""
    p_value: float
    """Two-sided mid-p value: half the weight on the table that was seen."""


def mcnemar(before_right: Mask, after_right: Mask) -> McNemar:
    """The rows that only one of two models gets right, tested as tosses of a fair coin.

    Rows on which both models agree say nothing about their difference, so only the b rows that the first
    alone gets right and the c rows that the second alone gets right count: c is Binomial(b + c, 1/2) where
    the models are equally good. The mid-p value is the recommended one; the exact one is kept beside it.

    Parameters
    ----------
    before_right, after_right : (n,) bool
        Whether each model is right, on the same test rows in the same order.

    Source
    ------
    McNemar (1947), Psychometrika 12; mid-p: Fagerland, Lydersen, Laake (2013), BMC Med. Res. Methodol. 13:91.

    Examples
    --------
    >>> mcnemar(np.array([True, False, False, False]), np.array([True, True, True, True]))
    McNemar(only_before_right=0, only_after_right=3, exact=0.25, p_value=0.125)
    """
    # Here and not above: scipy.stats costs a third of a second, and most commands never come this far.
    from scipy.stats import binom

    only_before = int((before_right & ~after_right).sum())
    only_after = int((after_right & ~before_right).sum())
    differing = only_before + only_after
    if differing == 0:
        return McNemar(0, 0, 1.0, 1.0)
    tail = float(binom.cdf(min(only_before, only_after), differing, 0.5))
    seen = float(binom.pmf(min(only_before, only_after), differing, 0.5))
    return McNemar(only_before, only_after, min(1.0, 2 * tail), min(1.0, 2 * tail - seen))


def shared_draws(strata: Labels, *, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """How often each row is drawn when every class is drawn with replacement as often as it has rows.

    The counts belong to the rows, not to one version of the data: where both versions hold a row, both train
    on it equally often, and a row that one version dropped just falls out of its draw. What differs between
    the two trained models is then what differs between the data, and the luck of the draw cancels.

    Parameters
    ----------
    strata : (n,) int
        Class of each row; drawing within classes keeps a class of two rows in every draw.
    rng : Generator
        Decides the draw.

    Returns
    -------
    (n,) int, >= 0
        Number of times that each row is drawn; the counts of a class sum to its size.

    Source
    ------
    Efron, Tibshirani (1993), An Introduction to the Bootstrap, ch. 8 (stratified); common random numbers:
    Glasserman, Yao (1992), Management Science 38.

    Examples
    --------
    >>> counts = shared_draws(np.array([0, 0, 0, 1]), rng=np.random.default_rng(0))
    >>> int(counts[:3].sum()), int(counts[3])
    (3, 1)
    """
    counts = np.zeros(len(strata), dtype=np.int64)
    for stratum in np.unique(strata):
        rows = np.flatnonzero(strata == stratum)
        counts += np.bincount(rng.choice(rows, len(rows)), minlength=len(strata))
    return counts


N_RESAMPLES = 4000
"""Moves the ends of an interval by some 2 % of its width between seeds."""
COVERAGE = 0.95
_CELLS = 8_000_000
"""Weights drawn at once: 64 MB."""


@dataclass(frozen=True)
class Interval:
    """A mean and the two ends of its 95 % interval."""

    mean: float
    low: float
    high: float


def paired_interval(
    before: Sequence[RowScores],
    after: Sequence[RowScores],
    *,
    seed: int,
    of_mean: bool = False,
) -> Interval:
    """The interval of after - before: the same metric, test rows and seeds on both sides.

    Two sources of luck, added up:

    - *The test rows are a sample.* Each resample weighs them anew, exponential weights (the Bayesian
      bootstrap). Two imagined rows weigh in, one that only ``before`` knows and one that only ``after``
      knows (for metrics that weigh classes equally, a pair per class): without them a test of 20 rows on which
      both models agree would have an interval of no width.
    - *The training rows are a sample too.* Each seed is a bootstrap draw of them. The spread between seeds
      enters whole, not divided by their number: more seeds tell the mean of *this* data set better, but a data
      set collected again, or other rows dropped at random, moves the difference as much as another draw does.
      Divided, dropping rows at random would be called better by luck on a large test. What the few test rows
      add to the spread between seeds is taken off first, since it is in the first source already; a
      t-distribution stands for the few seeds.

    Parameters
    ----------
    before, after : s >= 2 RowScores each
        One a seed, on the same n test rows.
    seed : int
        Decides the resamples.
    of_mean : bool
        Divide the spread between seeds by their number after all: for a side that is made anew for each seed,
        such as a random control, so that its average over the seeds is what is meant.

    Source
    ------
    Rubin (1981), The Bayesian Bootstrap, Ann. Statist. 9; rows and seeds as crossed random effects: Owen (2007),
    The Pigeonhole Bootstrap, Ann. Appl. Statist. 1. Differs: linear in the rows, and the spread undivided.

    Examples
    --------
    >>> from dechaff.methods.proof.row_scores import row_scores
    >>> sure = np.array([[0.9, 0.1]] * 40)
    >>> before = row_scores("accuracy", np.array([0] * 20 + [1] * 20), sure)
    >>> after = row_scores("accuracy", np.array([0] * 40), sure)
    >>> found = paired_interval([before] * 2, [after] * 2, seed=0)
    >>> found.mean, 0.3 < found.low < 0.4, 0.6 < found.high < 0.7
    (0.5, True, True)
    """
    gains = [
        RowScores(new.value - old.value, new.rows - old.rows, new.right - old.wrong, new.wrong - old.right, new.weight)
        for old, new in zip(before, after, strict=True)
    ]
    return interval_of_one(gains, seed=seed, of_mean=of_mean)


def interval_of_one(scores: Sequence[RowScores], *, seed: int, of_mean: bool = False) -> Interval:
    """The interval of one model's metric, from its scores for each seed; see `paired_interval`."""
    rng = np.random.default_rng(seed)
    values = _weighted_means(mean_over_seeds(scores), rng)
    values += rng.standard_t(len(scores) - 1, N_RESAMPLES) * _spread_of_seeds(scores, of_mean=of_mean)
    mean = float(np.mean([s.value for s in scores]))
    low, high = np.quantile(values, [(1 - COVERAGE) / 2, (1 + COVERAGE) / 2])
    # The imagined rows pull towards the middle; an interval that leaves out its own mean would confuse everybody.
    return Interval(mean, float(min(low, mean)), float(max(high, mean)))


def _spread_of_seeds(scores: Sequence[RowScores], *, of_mean: bool) -> float:
    """Standard deviation between seeds on endlessly many test rows; at least that of the mean over the seeds."""
    seen = float(np.var([s.value for s in scores], ddof=1))
    if of_mean:
        return float(np.sqrt(seen / len(scores)))
    rows = np.array([s.rows - s.value for s in scores])
    of_rows = float(rows.var(axis=0, ddof=1).mean()) / rows.shape[1]
    return float(np.sqrt(max(seen - of_rows, seen / len(scores))))


def _weighted_means(scores: RowScores, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """The metric for many random weights of the rows, real and imagined."""
    contributions = np.concatenate([scores.rows, scores.right, scores.wrong])
    shape = np.where(np.arange(len(contributions)) < len(scores.rows), 1.0, scores.weight)
    values = np.empty(N_RESAMPLES)
    step = max(1, _CELLS // len(contributions))
    for start in range(0, N_RESAMPLES, step):
        stop = min(start + step, N_RESAMPLES)
        weights = rng.standard_gamma(shape, (stop - start, len(contributions)))
        # einsum and not @: BLAS sums in another order for another number of threads.
        values[start:stop] = np.einsum("ij,j->i", weights, contributions) / weights.sum(axis=1)
    return values
