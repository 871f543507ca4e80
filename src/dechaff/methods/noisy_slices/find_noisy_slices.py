"""Slices whose labels disagree with a model that was trained without them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dechaff.methods.noisy_slices.condition import Condition, Conditions, join, mask_of, stack
from dechaff.methods.noisy_slices.examine_slice import LEVEL, Look, NoisySlice, examine_slice, seen_again
from dechaff.methods.noisy_slices.learnt_slices import excess_from_outside
from dechaff.methods.noisy_slices.slice_evidence import critical_z, excess_disagreement, expected_agreement
from dechaff.methods.noisy_slices.slice_models import SliceModels, trained_on
from dechaff.typing import Figures, FitPredict, Mask, Probs, Rows

_NEARLY_AS_GOOD = 0.9
_PAIR_GAIN = 1.08
"""How much larger the z of a conjunction must be than that of any plain condition."""
_FINER_GAIN = 1.02
_PAIR_SEEDS = 25
_PAIR_SEED_Z = 2.0
_LARGEST_SHARE_OF_PARENT = 0.95


@dataclass(frozen=True)
class SliceSearch:
    """``probs`` (n, k) are out-of-sample for every row, from models trained outside all ``slices``."""

    slices: tuple[NoisySlice, ...]
    probs: Probs
    n_tested: int


def find_noisy_slices(
    models: SliceModels,
    screened: tuple[Probs, ...],
    conditions: Conditions,
    *,
    among: Mask,
    finer: Callable[[Condition], Conditions] | None = None,
    most: int = 5,
) -> SliceSearch:
    """Readable conditions under which labels cannot be trusted, each confirmed by a model trained without it.

    Greedy: screen all conditions, and pairs of the best, by :func:`excess_disagreement` of the out-of-fold
    probabilities; take the best, train again on the rows outside it, and look once more. Noise inside a slice
    spoils the first model for the rest, which is why the second look is far clearer than the first. A slice is
    kept where it still stands out beyond Bonferroni's bound for all conditions tested. Then the rest is screened
    again, with models that have not seen the slice.

    Parameters
    ----------
    models : labels (n,), folds (n,) and the models to train
    screened : for every screening model (n, k) float, rows sum to 1
        Out-of-fold.
    conditions : the conditions to try
    among : (n,) bool
        The rows that count; the others (without a label, or in a slice that is known) are only predicted.
    finer : gives ranges with bounds close to those of a range that was picked.
    most : int
        Number of slices after which to stop; as many incidental conditions, and as many others, may fail the
        second look.
    """
    n_rows = len(models.labels)
    outside = among.copy()
    slices: list[NoisySlice] = []
    refused = _Refused(most)
    n_tested = 0
    train, from_outside = _Remembered(models), _FromOutside(models, conditions)
    while outside.any() and len(slices) < most:
        screen = _screen_of(models, screened, outside)
        pool = join([conditions, _pairs(screen(conditions), conditions, outside)], n_rows)
        n_tested = max(n_tested, len(pool.items) * len(screened))
        best = _best(screen(pool), pool, refused, n_tested)
        learnt = best is None
        if learnt and not all(item in refused for item in conditions.items):
            pool = conditions
            best = _best(from_outside(screened[0], outside), pool, refused, n_tested)
        if best is None:
            break
        condition, rows = pool.items[best], pool.rows(best)
        near = finer(condition) if finer is not None and condition.bounds is not None else None
        condition, rows = _bounded(condition, rows, None if learnt else near, screen)
        model = models.examiner(condition.columns)
        probs = train(outside & ~mask_of(rows, n_rows), model)
        condition, rows = _bounded(condition, rows, near, _screen_of(models, (probs,), outside))
        look = Look(condition, rows[outside[rows]], _beside(condition, rows, pool, outside))
        without = outside & ~mask_of(look.rows, n_rows)
        one = examine_slice(models, probs, look, without, n_tested=n_tested)
        if one is None:
            refused.add(pool.items[best])
        else:
            slices.append(one)
            outside &= ~mask_of(one.rows, n_rows)
            # The examiner's result is reused if it is also a screening model.
            screened = tuple(probs if each is model else trained_on(models, outside, each) for each in models.screens)
    return SliceSearch(tuple(seen_again(models, screened[0], one, outside) for one in slices), screened[0], n_tested)


class _Refused:
    """The conditions that failed the examination, and how many more of each kind may.

    A rule that one of the screening models cannot learn (a linear one no product of two numbers) makes many
    conditions on the content stand out. They must not use up the looks at where, when and how rows came in.
    """

    def __init__(self, most: int) -> None:
        self._words: set[str] = set()
        self._left = {True: most, False: most}

    def add(self, condition: Condition) -> None:
        """One more."""
        self._words.add(condition.words)
        self._left[condition.incidental] -= 1

    def __contains__(self, condition: Condition) -> bool:
        return condition.words in self._words or not self._left[condition.incidental]


class _Remembered:
    """``trained_on`` with its last result cached.

    One slice has many names (markup, a '<', the word 'br'): where its first name was refused, the others come next,
    with the same rows.
    """

    def __init__(self, models: SliceModels) -> None:
        self._models = models
        self._last: tuple[Mask, FitPredict, Probs] | None = None

    def __call__(self, learned: Mask, model: FitPredict) -> Probs:
        if self._last is None or self._last[1] is not model or not np.array_equal(self._last[0], learned):
            self._last = (learned, model, trained_on(self._models, learned, model))
        return self._last[2]


class _FromOutside:
    """``excess_from_outside`` with its last result cached: it stays as long as no slice is found."""

    def __init__(self, models: SliceModels, conditions: Conditions) -> None:
        self._models = models
        self._conditions = conditions
        self._last: tuple[Mask, Figures] | None = None

    def __call__(self, probs: Probs, outside: Mask) -> Figures:
        if self._last is None or not np.array_equal(self._last[0], outside):
            fewest = _fewest_left(self._models)
            z = excess_from_outside(self._models, probs, self._conditions, outside=outside, fewest=fewest)
            self._last = (outside.copy(), z)
        return self._last[1]


def smallest_slice(n_rows: int) -> int:
    """The fewest rows that make a slice: 20, or half a per cent of the data.

    Examples
    --------
    >>> smallest_slice(100), smallest_slice(100_000)
    (20, 500)
    """
    return max(20, n_rows // 200)


def largest_slice(n_rows: int) -> int:
    """The most rows of a slice: the rest must suffice to train a model.

    Examples
    --------
    >>> largest_slice(1000)
    600
    """
    return int(0.6 * n_rows)


def _screen_of(models: SliceModels, screened: tuple[Probs, ...], outside: Mask) -> Callable[[Conditions], Figures]:
    """For conditions: the z of each under the model that it stands out most from; low where few rows are left."""
    labels = models.labels
    fewest = _fewest_left(models)
    expected = [expected_agreement(labels, probs, among=outside) for probs in screened]

    def screen(conditions: Conditions) -> Figures:
        z = [
            excess_disagreement(labels, probs, wanted, conditions, among=outside)
            for probs, wanted in zip(screened, expected, strict=True)
        ]
        large = conditions.holds @ outside.astype(np.float32) >= fewest
        return np.where(large, np.max(z, axis=0), -np.inf)

    return screen


def _fewest_left(models: SliceModels) -> int:
    return smallest_slice(int((models.labels >= 0).sum()))


def _pairs(z: Figures, conditions: Conditions, outside: Mask) -> Conditions:
    """Conjunctions of the most significant conditions."""
    seeds = [int(i) for i in np.argsort(-z, kind="stable")[:_PAIR_SEEDS] if z[i] > _PAIR_SEED_Z]
    masks = {i: mask_of(conditions.rows(i), len(outside)) & outside for i in seeds}
    pairs: list[tuple[Condition, Mask]] = []
    for place, first in enumerate(seeds):
        for second in seeds[place + 1 :]:
            both = masks[first] & masks[second]
            smaller = min(masks[first].sum(), masks[second].sum())
            if smallest_slice(len(outside)) <= both.sum() <= _LARGEST_SHARE_OF_PARENT * smaller:
                pairs.append((conditions.items[first].with_(conditions.items[second]), both))
    return stack(pairs, len(outside))


def _best(z: Figures, pool: Conditions, refused: _Refused, n_tested: int) -> int | None:
    """The next condition to examine: the plainest of those nearly as significant as the best."""
    if not pool.items:
        return None
    z = np.where([item in refused for item in pool.items], -np.inf, z)
    plain = np.array([item.parts == 1 for item in pool.items])
    weighed = np.where(plain, z, z / _PAIR_GAIN)
    best = int(weighed.argmax())
    if weighed[best] < critical_z(n_tested, level=LEVEL):
        return None
    near = np.flatnonzero((weighed >= _NEARLY_AS_GOOD * weighed[best]) & (plain == plain[best]))
    items = pool.items
    return int(min(near, key=lambda i: (not items[i].incidental, not items[i].touches_incidental, -weighed[i], i)))


def _bounded(
    condition: Condition, rows: Rows, near: Conditions | None, screen: Callable[[Conditions], Figures]
) -> tuple[Condition, npt.NDArray[np.int64]]:
    """A range with its most significant bounds, if they are better than by chance; any other condition unchanged."""
    if near is None:
        return condition, rows
    n_rows = near.holds.shape[1]
    z = screen(join([stack([(condition, mask_of(rows, n_rows))], n_rows), near], n_rows))
    best = int(z.argmax())
    return (condition, rows) if z[best] <= _FINER_GAIN * z[0] else (near.items[best - 1], near.rows(best - 1))


def _beside(condition: Condition, rows: Rows, pool: Conditions, outside: Mask) -> npt.NDArray[np.int64]:
    """Rows outside the slice on which the part of its condition holds that is not incidental."""
    words = {part.words for part in condition.conjuncts if not part.incidental}
    places = [place for place, item in enumerate(pool.items) if item.words in words and item.parts == 1]
    if len(places) != 1:
        return np.zeros(0, dtype=np.int64)
    wider = pool.rows(places[0])
    return np.setdiff1d(wider[outside[wider]], rows)
