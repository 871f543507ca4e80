"""Slices whose labels disagree with a model that was trained without them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dechaff.methods.noisy_slices.condition import Condition, Conditions, join, stack
from dechaff.methods.noisy_slices.examine_slice import (
    LEVEL,
    NoisySlice,
    Witnesses,
    examine_slice,
    mask_of,
    seen_again,
    trained_on,
)
from dechaff.methods.noisy_slices.excess_disagreement import critical_z, excess_disagreement, expected_agreement
from dechaff.typing import Figures, Mask, Probs

_NEARLY_AS_GOOD = 0.9
_PAIR_SEEDS = 25
_PAIR_SEED_Z = 2.0
_PAIR_GAIN = 1.15
_LARGEST_SHARE_OF_PARENT = 0.95


@dataclass(frozen=True)
class SliceSearch:
    """``probs`` (n, k) are out-of-sample for every row, from models trained outside all ``slices``."""

    slices: tuple[NoisySlice, ...]
    probs: Probs
    n_tested: int


def find_noisy_slices(
    witnesses: Witnesses, probs: Probs, conditions: Conditions, *, among: Mask, most: int = 5
) -> SliceSearch:
    """Readable conditions under which labels cannot be trusted, each confirmed by a model trained without it.

    Greedy: screen all conditions, and pairs of the best, by :func:`excess_disagreement` of the out-of-fold
    probabilities; take the best, train again on the rows outside it, and look once more. Noise inside a slice
    spoils the first model for the rest, which is why the second look is far clearer than the first. A slice is
    kept where it still stands out beyond Bonferroni's bound for all conditions tested. Then the rest is screened
    again, with the model that has not seen the slice.

    Parameters
    ----------
    witnesses : labels (n,), folds (n,) and the models to train
    probs : (n, k) float, rows sum to 1
        Out-of-fold.
    conditions : the conditions to try
    among : (n,) bool
        The rows that count; the others (without a label, or in a slice that is known) are only predicted.
    most : int
        Number of slices after which to stop; as many conditions may fail the second look.
    """
    n_rows = len(witnesses.labels)
    outside = among.copy()
    slices: list[NoisySlice] = []
    refused: set[str] = set()
    n_tested = 0
    while len(slices) < most and len(refused) < most:
        pool = join([conditions, _pairs(_screen(witnesses, probs, conditions, outside), conditions, outside)], n_rows)
        n_tested = max(n_tested, len(pool.items))
        best = _best(_screen(witnesses, probs, pool, outside), pool, refused)
        if best is None:
            break
        rows = pool.rows(best)
        rows = rows[outside[rows]]
        without = outside & ~mask_of(rows, n_rows)
        again = trained_on(witnesses, without)
        one = examine_slice(witnesses, again, pool.items[best], rows, without, n_tested=n_tested)
        if one is None:
            refused.add(pool.items[best].words)
        else:
            slices.append(one)
            outside, probs = without, again
    return SliceSearch(tuple(seen_again(witnesses, probs, one) for one in slices), probs, n_tested)


def smallest_slice(n_rows: int) -> int:
    """The fewest rows that make a slice: 20, or half a per cent of the data."""
    return max(20, n_rows // 200)


def largest_slice(n_rows: int) -> int:
    """The most rows that make a slice: what is left must be able to train a model."""
    return int(0.6 * n_rows)


def _screen(witnesses: Witnesses, probs: Probs, conditions: Conditions, outside: Mask) -> Figures:
    expected = expected_agreement(witnesses.labels, probs, among=outside)
    return excess_disagreement(witnesses.labels, probs, expected, conditions, among=outside)


def _pairs(z: Figures, conditions: Conditions, outside: Mask) -> Conditions:
    """Conjunctions of the conditions that stand out most."""
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


def _best(z: Figures, pool: Conditions, refused: set[str]) -> int | None:
    """The condition to look at next: of those that stand out nearly as much as the best, the plainest."""
    if not pool.items:
        return None
    z = np.where([item.words in refused for item in pool.items], -np.inf, z)
    weighed = z / np.array([_PAIR_GAIN ** (item.parts - 1) for item in pool.items])
    if weighed.max() < critical_z(len(pool.items), level=LEVEL):
        return None
    near = np.flatnonzero(weighed >= _NEARLY_AS_GOOD * weighed.max())
    return int(min(near, key=lambda i: (not pool.items[i].incidental, pool.items[i].parts, -weighed[i], i)))
