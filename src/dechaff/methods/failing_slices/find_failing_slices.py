"""Parts of the data in which a model fails although the labels look right: found on one half, tested on the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.core.intervals import jeffreys_interval
from dechaff.typing import Figures, Groups, Labels, Mask, Numbers, Probs, Rows

LEVEL = 0.05
"""Chance that any slice is reported of a model that fails equally often everywhere."""
LEAST_EXCESS = 0.1
"""By how much the error rate inside must exceed what is expected there, and the error rate of the other rows."""
_MOST = 5
_TRIED = 4
"""Slices of either half that are tested on the other one."""
_PAIR_SEEDS, _PAIR_SEED_Z, _PAIR_GAIN = 25, 1.5, 1.15
_FEWEST_TESTED = 10
_SAME = 0.5
_LEAST_VARIANCE = 1e-3


@dataclass(frozen=True)
class FailingSlice:
    """A part of the data in which the model fails: one condition, or two that hold at once.

    ``conditions`` are their numbers, ``rows`` all rows on which they hold. Error rates are of the half of the rows on
    which the slice was tested, not searched: ``error_rate`` inside (``low`` to ``high``), ``error_outside``, and
    ``expected`` inside from the confidence of the model. Rows count by how far their label can be trusted. ``p_value``
    is corrected for the number of slices tested.
    """

    conditions: tuple[int, ...]
    rows: Rows
    error_rate: float
    low: float
    high: float
    error_outside: float
    expected: float
    p_value: float


@dataclass(frozen=True)
class _Errors:
    """What is known of each row: its ``trust`` (n,), whether the model is ``wrong`` (n,), and how often it should be.

    ``expected`` (2, n) is first the error rate at the confidence of the row, second that of all rows.
    """

    trust: Numbers
    wrong: Numbers
    expected: npt.NDArray[np.float64]

    def terms(self, among: Mask) -> npt.NDArray[np.float64]:
        """(n, 5) what each row adds to the sums of a slice: errors and variance of either kind, and trust."""
        weight = self.trust * among
        sums = [(weight * (self.wrong - usual), weight**2 * usual * (1 - usual)) for usual in self.expected]
        return np.stack([*sums[0], *sums[1], weight], axis=1)


def _z(sums: npt.NDArray[np.float64], kinds: npt.NDArray[np.int64]) -> Figures:
    """How many standard errors the errors of each slice lie above those that are expected of its kind."""
    places = np.arange(len(kinds))
    variance = np.maximum(sums[places, 2 * kinds + 1], _LEAST_VARIANCE)
    return np.where(sums[:, -1] >= _FEWEST_TESTED, sums[places, 2 * kinds] / np.sqrt(variance), -np.inf)


@dataclass(frozen=True)
class _Candidate:
    conditions: tuple[int, ...]
    kind: int
    rows: Rows


def find_failing_slices(
    labels: Labels,
    probs: Probs,
    holds: Any,
    *,
    doubt: Numbers,
    halves: Groups,
    incidental: npt.NDArray[np.bool_],
    smallest: int,
) -> tuple[FailingSlice, ...]:
    """Slices in which the model errs more often than elsewhere, those with most additional errors first.

    Errors are compared with how often the model errs at the same confidence: rows along the boundary of two classes
    are hard, and the model knows it. In slices of a property that should not matter to the label (``incidental``),
    they are compared with the error rate of all rows: that such rows are hard is worth knowing, even if the model
    knows it. Slices are searched greedily on one half of the rows, with pairs of the best conditions, and
    tested on the other half by the binomial tail at the expected rate, with Holm's correction; then the halves change
    places. So neither the p-values nor the error rates suffer from the search.

    Parameters
    ----------
    labels : (n,) int, 0 … k-1
    probs : (n, k) float, rows sum to 1
        Out of sample: of a model that was not trained on the row.
    holds : (m, n) sparse array (CSR) of 0 and 1
        Which conditions hold on which rows.
    doubt : (n,) float in [0, 1]
        Probability that the label is wrong. An error on such a row does not count as one of the model.
    halves : (n,) int, 0 or 1
        Which half each row belongs to; -1 = the row is left out. Copies belong to one half.
    incidental : (m,) bool
        Conditions that should not matter to a label, such as a missing value or a source.
    smallest : int
        Fewest rows of a slice.

    Returns
    -------
    tuple of FailingSlice
        At most five. Empty if the model fails equally often everywhere.

    Source
    ------
    Chung, Kraska, Polyzotis, Tae, Whang (2019), Slice Finder, ICDE: conditions and pairs of them, tested with a
    correction. Differs: errors are compared with the confidence of the model, search and test use different rows, and
    rows with doubtful labels count less.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> rng = np.random.default_rng(0)
    >>> labels, bad = rng.integers(0, 2, 1000), np.arange(1000) < 200
    >>> said = np.where(bad & (rng.random(1000) < 0.5), 1 - labels, labels)
    >>> probs = np.where(np.eye(2)[said] == 1, 0.9, 0.1)
    >>> holds = csr_array(np.array([bad, rng.random(1000) < 0.3], dtype=float))
    >>> found = find_failing_slices(
    ...     labels, probs, holds, doubt=np.zeros(1000), halves=np.arange(1000) % 2,
    ...     incidental=np.zeros(2, dtype=bool), smallest=20,
    ... )
    >>> [one.conditions for one in found]
    [(0,)]
    """
    counted = halves >= 0
    if not len(incidental) or not counted.any():
        return ()
    errors, kinds = _errors(labels, probs, doubt, counted), incidental.astype(np.int64)
    tested = []
    for half in (0, 1):
        searched, rest = halves == half, halves == 1 - half
        for one in _search(errors, holds, kinds, searched, smallest=smallest):
            tested.append(_tested(errors, one, rest))
    found = [one for one in _corrected(tested) if _stands_out(one)]
    return _distinct(sorted(found, key=lambda one: (-_additional(one), one.conditions)))[:_MOST]


def _errors(labels: Labels, probs: Probs, doubt: Numbers, counted: Mask) -> _Errors:
    from sklearn.isotonic import IsotonicRegression

    confidence, wrong = probs.max(axis=1), (probs.argmax(axis=1) != labels).astype(np.float64)
    trust = np.where(counted, 1 - np.where(wrong > 0, doubt, 0.0), 0.0)
    curve = IsotonicRegression(y_min=0.0, y_max=1.0, increasing=False, out_of_bounds="clip")
    curve.fit(confidence[counted], wrong[counted], sample_weight=np.maximum(trust[counted], 1e-9))
    usual = float((trust * wrong).sum() / max(trust.sum(), 1e-9))
    expected = np.stack([curve.predict(confidence), np.full(len(labels), usual)])
    return _Errors(trust, wrong, expected)


def _search(
    errors: _Errors, holds: Any, kinds: npt.NDArray[np.int64], searched: Mask, *, smallest: int
) -> Iterator[_Candidate]:
    """The best slices on some rows, each on rows outside those before it; a pair must be clearly better than one."""
    left = searched.copy()
    for _ in range(_TRIED):
        terms = errors.terms(left)
        z = _z(holds @ terms, kinds)
        best = _Candidate((int(z.argmax()),), int(kinds[z.argmax()]), _rows(holds, int(z.argmax())))
        score = float(z.max()) * _PAIR_GAIN
        for pair in _pairs(z, holds, kinds, smallest=smallest):
            found = float(_z(terms[pair.rows].sum(axis=0, keepdims=True), np.array([pair.kind]))[0])
            if found > score:
                best, score = pair, found
        if not np.isfinite(score) or score <= 0:
            return
        yield best
        left[best.rows] = False


def _pairs(z: Figures, holds: Any, kinds: npt.NDArray[np.int64], *, smallest: int) -> Iterator[_Candidate]:
    seeds = [int(at) for at in np.argsort(-z, kind="stable")[:_PAIR_SEEDS] if z[at] > _PAIR_SEED_Z]
    rows, inside = {at: _rows(holds, at) for at in seeds}, np.zeros((len(seeds), holds.shape[1]), dtype=bool)
    for place, at in enumerate(seeds):
        inside[place, rows[at]] = True
    for (_, one), (place, other) in combinations(enumerate(seeds), 2):
        both = rows[one][inside[place, rows[one]]]
        if smallest <= len(both) < 0.95 * min(len(rows[one]), len(rows[other])):
            yield _Candidate((one, other), int(kinds[one] and kinds[other]), both)


def _rows(holds: Any, at: int) -> Rows:
    start, stop = holds.indptr[at], holds.indptr[at + 1]
    return np.asarray(np.sort(holds.indices[start:stop]), dtype=np.int64)


def _tested(errors: _Errors, one: _Candidate, rest: Mask) -> FailingSlice:
    """The slice on rows among which it was not searched; the p-value is for this slice alone."""
    from scipy.special import betainc

    inside = np.zeros(len(rest), dtype=bool)
    inside[one.rows] = True
    within, beside = rest & inside, rest & ~inside
    n, wrong = float(errors.trust[within].sum()), float((errors.trust * errors.wrong)[within].sum())
    outside = float((errors.trust * errors.wrong)[beside].sum() / max(errors.trust[beside].sum(), 1e-9))
    usual = errors.expected[one.kind] if one.kind == 0 else np.full(len(rest), outside)
    expected = float((errors.trust * usual)[within].sum() / max(n, 1e-9))
    # The binomial tail P(X ≥ wrong) for counts that need not be whole: of trusted rows.
    # No errors outside are not a rate of zero: as if there were half a one.
    chance = max(expected, 0.5 / (float(errors.trust[beside].sum()) + 1))
    tail = float(betainc(wrong, n - wrong + 1, chance)) if 0 < wrong <= n else 1.0
    low, high = jeffreys_interval(min(wrong, n), n) if n else (0.0, 1.0)
    rate = wrong / n if n else 0.0
    return FailingSlice(one.conditions, one.rows, rate, low, high, outside, expected, tail)


def _corrected(tested: list[FailingSlice]) -> list[FailingSlice]:
    """The same with p-values corrected for their number (Holm)."""

    order = sorted(range(len(tested)), key=lambda at: tested[at].p_value)
    found, highest = list(tested), 0.0
    for place, at in enumerate(order):
        highest = max(highest, min(1.0, (len(tested) - place) * tested[at].p_value))
        found[at] = replace(tested[at], p_value=highest)
    return found


def _stands_out(one: FailingSlice) -> bool:
    above = one.error_rate - max(one.expected, one.error_outside)
    return one.p_value <= LEVEL and above >= LEAST_EXCESS


def _additional(one: FailingSlice) -> float:
    """Errors that would not be there if the model failed as often as is expected."""
    return (one.error_rate - one.expected) * len(one.rows)


def _distinct(found: list[FailingSlice]) -> tuple[FailingSlice, ...]:
    """Those that do not share most of their rows with one before."""
    kept: list[FailingSlice] = []
    for one in found:
        shared = (len(np.intersect1d(one.rows, other.rows)) for other in kept)
        union = (len(np.union1d(one.rows, other.rows)) for other in kept)
        if all(both < _SAME * all_rows for both, all_rows in zip(shared, union, strict=True)):
            kept.append(one)
    return tuple(kept)
