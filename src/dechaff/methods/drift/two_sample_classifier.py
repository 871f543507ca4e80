"""Whether a classifier can tell two samples of rows apart, with an exact p-value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
import numpy.typing as npt

from dechaff.methods.drift.number_shift import mid_ranks
from dechaff.typing import Axes, FitPredict

Sample = Annotated[npt.NDArray[np.int64], Axes("n")]
"""0 = reference, 1 = current."""
PERMUTATIONS = 999
_FIRST, _ENOUGH = 99, 5
"""If so many of the first assignments reach as much, no more are drawn: the p-value is .06 or more in any case."""


@dataclass(frozen=True)
class TwoSamples:
    """How well two samples can be distinguished.

    ``auc`` is out of sample, .5 = not at all; it lies between ``low`` and ``high`` in 95 % of the cases if both samples
    come from one distribution.
    """

    auc: float
    low: float
    high: float
    p_value: float


def two_sample_classifier(
    fit_predict: FitPredict, sample: Sample, *, random: np.random.Generator, permutations: int = PERMUTATIONS
) -> TwoSamples | None:
    """Area under the ROC curve of a classifier that tells the two samples apart, out of sample.

    The rows are halved. A classifier of one half scores the other, in which every assignment of rows to the samples is
    equally likely if both come from one distribution, whatever the classifier has learnt: the p-value of each half is
    exact. The smaller one counts twice, which holds however the halves depend on one another.

    Parameters
    ----------
    fit_predict : a classifier, bound to the n rows.
    sample : (n,) int, 0 or 1
    random : halves the rows, and draws the assignments.
    permutations : how many assignments are drawn.

    Returns
    -------
    TwoSamples, or None if one half has fewer than two rows of a sample

    Source
    ------
    Lopez-Paz, Oquab (2017), Revisiting classifier two-sample tests, ICLR; with the area under the curve, which does not
    depend on the sizes of the samples, and permutations, Phipson, Smyth (2010); few of them where the difference is
    clearly none, as in Besag, Clifford (1991), Sequential Monte Carlo p-values, Biometrika 78.

    Examples
    --------
    >>> x = np.arange(80.0)
    >>> def by_value(fit_rows, fit_codes, rows):
    ...     return np.column_stack([-x[rows], x[rows]])
    >>> found = two_sample_classifier(by_value, (x >= 40).astype(int), random=np.random.default_rng(0))
    >>> found.auc, found.p_value
    (1.0, 0.002)
    """
    half = _halves(sample, random)
    if min(np.bincount(2 * half + sample, minlength=4)) < 2:
        return None
    found = [_on_half(fit_predict, sample, half == held, random, permutations) for held in (0, 1)]
    auc = float(np.mean([one[0] for one in found]))
    fewest = min(len(one[1]) for one in found)
    by_chance = np.mean([one[1][:fewest] for one in found], axis=0)
    low, high = np.quantile(by_chance, [0.025, 0.975]).tolist()
    p_values = [(1 + int((drawn >= reached).sum())) / (1 + len(drawn)) for reached, drawn in found]
    return TwoSamples(auc, low, high, min(1.0, 2 * min(p_values)))


def _halves(sample: Sample, random: np.random.Generator) -> Sample:
    """Each sample is halved."""
    half = np.zeros(len(sample), dtype=np.int64)
    for one in (0, 1):
        rows = random.permutation(np.flatnonzero(sample == one))
        half[rows[: len(rows) // 2]] = 1
    return half


def _on_half(
    fit_predict: FitPredict,
    sample: Sample,
    held: npt.NDArray[np.bool_],
    random: np.random.Generator,
    permutations: int,
) -> tuple[float, npt.NDArray[np.float64]]:
    """The area on the held-out half, and those of drawn assignments."""
    fitted, rows = np.flatnonzero(~held), np.flatnonzero(held)
    ranks = mid_ranks(np.asarray(fit_predict(fitted, sample[fitted], rows)[:, 1], dtype=np.float64))
    current = int(sample[rows].sum())
    least, pairs = current * (current + 1) / 2, current * (len(rows) - current)
    reached = float(ranks[sample[rows] == 1].sum())
    sums: list[float] = []
    for most in (min(_FIRST, permutations), permutations):
        sums += [random.permutation(ranks)[:current].sum() for _ in range(len(sums), most)]
        if (np.array(sums) >= reached).sum() >= _ENOUGH:
            break
    return (reached - least) / pairs, (np.array(sums) - least) / pairs
