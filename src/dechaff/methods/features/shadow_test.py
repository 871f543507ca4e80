"""Which columns matter more to a model than shuffled copies of columns do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from dechaff.core.false_discoveries import discovery_cut_of
from dechaff.typing import Features, Figures, Labels

Importance: TypeAlias = Callable[[npt.NDArray[np.float64], npt.NDArray[np.int64], int], npt.NDArray[np.float64]]
"""``importance(features (n, d), labels (n,), seed) -> (d,)``: how much a model trained on them uses each column."""

LEAST_SHADOWS = 5
"""A table of fewer columns gets several shadows of each."""
MOST_COPIES = 10
"""Shadows of each column in one training, at most: so much wider is the table that the model reads."""
LEAST_ROUNDS, MOST_ROUNDS = 8, 40
_STREAM = 20100101
_SURE = 1e-2
"""Probability that a p-value is on the other side of the cut, if the rounds end early."""
_PRIOR_ROUNDS = 8
"""The spread of a column's shadows counts as much as the usual spread of all columns after so many rounds."""


@dataclass(frozen=True)
class ShadowTest:
    """For each of d columns: whether it matters, its p-value, and its mean importance beside that of its shadows."""

    relevant: npt.NDArray[np.bool_]
    p_values: Figures
    importance: Figures
    shadow_importance: Figures
    rounds: int


def shadow_test(
    features: Features,
    labels: Labels,
    importance: Importance,
    *,
    rate: float = 0.05,
    most_rounds: int = MOST_ROUNDS,
    seed: int = 0,
) -> ShadowTest:
    """Tests each column against shadows: copies of all columns, shuffled so that they tell nothing of the label.

    In each round a model is trained on the columns beside fresh shadows. The p-value of a column is the fraction of
    shadows that matter at least as much, each in units of the spread of its own column's shadows. The columns are
    chosen by Benjamini and Hochberg. The rounds end once binomial bounds of all p-values are on one side of that cut.
    With few rounds there are several shadows of each column in each, up to 10, because a single relevant column is
    found only if all its shadows together number ``1 / rate``.

    Parameters
    ----------
    features : (n, d) float
        As the model reads them.
    labels : (n,) int
    importance : called with the columns and their shadows (n, m), the labels and a seed; returns (m,)
    rate : bound of the expected fraction of useless columns among the chosen ones, between 0 and 1
    most_rounds : most trainings
    seed : of shadows and models

    Returns
    -------
    ShadowTest

    Source
    ------
    Kursa, Rudnicki (2010), Feature selection with the Boruta package, J. Stat. Softw. 36. Differs: a column is compared
    with all shadows and not only with the best, whose hits in several rounds are no independent trials; p-values by
    Phipson, Smyth (2010), SAGMB 9; the early end as in Gandy (2009), JASA 104.

    Examples
    --------
    >>> random = np.random.default_rng(1)
    >>> features, labels = random.normal(size=(300, 6)), random.integers(0, 2, 300)
    >>> features[:, 2] += labels
    >>> def difference_of_means(features, labels, seed):
    ...     return np.abs(features[labels == 1].mean(axis=0) - features[labels == 0].mean(axis=0))
    >>> shadow_test(features, labels, difference_of_means).relevant
    array([False, False,  True, False, False, False])
    """
    n, d = features.shape
    random = np.random.default_rng([seed, _STREAM])  # data may have been drawn from the stream of the seed itself
    copies = _copies(d, rate, most_rounds)
    both = np.empty((n, d * (1 + copies)), dtype=features.dtype)
    both[:, :d] = features
    given, shadows = list[Figures](), list[npt.NDArray[np.float64]]()
    p_values, relevant = np.ones(d), np.zeros(d, dtype=np.bool_)
    while d and len(given) < most_rounds:
        for copy in range(1, copies + 1):
            random.permuted(features, axis=0, out=both[:, d * copy : d * (copy + 1)])
        found = importance(both, labels, int(random.integers(2**31)))
        given.append(found[:d])
        shadows.append(found[d:].reshape(copies, d))
        p_values, n_shadows = _p_values(np.array(given), np.concatenate(shadows))
        relevant, cut = _discoveries(p_values, rate)
        if len(given) >= min(LEAST_ROUNDS, most_rounds) and _settled(p_values, n_shadows, cut):
            break
    if not d:
        return ShadowTest(relevant, p_values, np.zeros(0), np.zeros(0), 0)
    return ShadowTest(relevant, p_values, np.mean(given, axis=0), np.concatenate(shadows).mean(axis=0), len(given))


def _copies(d: int, rate: float, rounds: int) -> int:
    """Shadows of each column in a round.

    The smallest p-value is 1 / (all shadows + 1). The cut for a single relevant column is rate / d.
    """
    for_one_column = int(np.ceil(1 / (rate * max(rounds, 1))))
    return max(-(-LEAST_SHADOWS // max(d, 1)), min(for_one_column, MOST_COPIES))


def _p_values(given: npt.NDArray[np.float64], shadows: npt.NDArray[np.float64]) -> tuple[Figures, int]:
    """(d,) fraction of shadows that matter as much as the column, and the number of shadows.

    Shadows of a column with many values matter more than those of one with few, so each is compared in units of its
    own column; a shadow with the others of its column alone, as a column that is none of them is.
    """
    m = len(shadows)
    sums, squares = shadows.sum(axis=0), np.square(shadows).sum(axis=0)
    if m < 3:
        others, own = np.broadcast_to(shadows.mean(), shadows.shape), np.full(shadows.shape[1], shadows.mean())
        spread = spread_of_own = np.ones(())
    else:
        others, own = (sums - shadows) / (m - 1), sums / m
        usual = _relative_spread(own, squares / m - own**2)
        spread = _moderated(others, (squares - shadows**2) / (m - 1) - others**2, usual, m - 1)
        spread_of_own = _moderated(own, squares / m - own**2, usual, m)
    null = np.sort(((shadows - others) / spread).ravel())
    scores = (given - own) / spread_of_own
    above = len(null) - np.searchsorted(null, scores - 1e-12, side="left")
    return np.asarray((above.mean(axis=0) + 1) / (len(null) + 1)), len(null)


def _relative_spread(middle: Figures, variance: Figures) -> float:
    """The usual standard deviation of shadows as a fraction of their mean."""
    used = middle > 0
    return float(np.sqrt(np.median(np.maximum(variance[used], 0) / middle[used] ** 2))) if used.any() else 1.0


def _moderated(
    middle: npt.NDArray[np.float64], variance: npt.NDArray[np.float64], usual: float, m: int
) -> npt.NDArray[np.float64]:
    weight = m / (m + _PRIOR_ROUNDS)
    scale = np.sqrt(weight * np.maximum(variance, 0) + (1 - weight) * (usual * middle) ** 2)
    return np.asarray(np.maximum(scale, 1e-12))


def _discoveries(p_values: Figures, rate: float) -> tuple[npt.NDArray[np.bool_], float]:
    """The columns chosen by Benjamini and Hochberg, and the p-value up to which a column would be chosen."""
    cut = discovery_cut_of(p_values, rate=rate) or rate / len(p_values)
    return np.asarray(p_values <= cut), cut


def _settled(p_values: Figures, n_shadows: int, cut: float) -> bool:
    """Whether more shadows would probably choose the same columns, by a binomial bound for each."""
    # Here and not above: scipy.stats costs a third of a second.
    from scipy.stats import binom

    above = np.round(p_values * (n_shadows + 1) - 1)
    other_side = np.where(p_values <= cut, binom.cdf(above, n_shadows, cut), binom.sf(above - 1, n_shadows, cut))
    return bool((other_side <= _SURE).all())
