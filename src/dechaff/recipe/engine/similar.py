"""The rows of a pool that are most like the rows on which a deployed model fails."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dechaff.data.dataset import Dataset
from dechaff.methods.active.typical_rows import typical_rows
from dechaff.models.choose import candidate_models
from dechaff.recipe.active.learnt import pool_view
from dechaff.records.turns import MinedSlice
from dechaff.typing import Labels, Numbers, Rows

MOST_KNOWN = 5_000
"""Training rows, drawn at random, that stand for those on which the model does not fail."""
_CANDIDATES = 3
"""Rows that are looked at for each one that is chosen, so that those can differ."""


@dataclass(frozen=True)
class Similar:
    """Rows of a pool, the slice that each is like, and how probably it belongs there."""

    rows: Rows
    slices: Labels
    likeness: Numbers


def similar_rows(
    pool: Dataset, failing: tuple[Dataset, Labels], fine: Dataset, slices: tuple[MinedSlice, ...], n: int, *, seed: int
) -> Similar:
    """Rows for each slice, in proportion to its additional errors, by a classifier of failing rows.

    The most similar ones come first; among three times as many as are wanted, typical rows of different clusters are
    taken, so that a batch is diverse.

    Parameters
    ----------
    pool : rows without labels.
    failing : served rows on which the model fails, with the number of the slice of each.
    fine : rows on which it does not fail.
    slices : those that are numbered.
    n : rows wanted; fewer if the pool has fewer.
    seed : of the model and of clusters.
    """
    rng = np.random.default_rng(seed)
    rows, numbers = failing
    likeness = _likeness(pool, rows, numbers, fine, len(slices), seed)
    view = pool_view(pool, None, None, seed=seed)
    free = np.ones(len(pool), dtype=bool)
    chosen, of_slice = list[int](), list[int]()
    for number, wanted in enumerate(quotas(slices, min(n, len(pool)))):
        if not wanted:
            continue
        order = np.argsort(-likeness[:, number], kind="stable")
        near = np.sort(order[free[order]][: _CANDIDATES * wanted])
        picked = near[typical_rows(view.take(near), min(wanted, len(near)), rng)]
        free[picked] = False
        chosen += picked[np.argsort(-likeness[picked, number], kind="stable")].tolist()
        of_slice += [number] * len(picked)
    places, numbers = np.array(chosen, dtype=np.int64), np.array(of_slice, dtype=np.int64)
    return Similar(places, numbers, likeness[places, numbers])


def _likeness(pool: Dataset, rows: Dataset, numbers: Labels, fine: Dataset, k: int, seed: int) -> Numbers:
    """(n, k) probability that each row of the pool belongs to the failing rows of each slice."""
    both = Dataset.joined([rows, fine])
    features = None
    if rows.features is not None and fine.features is not None:
        features = np.concatenate([rows.features, fine.features])
    model = candidate_models(both.table, features, n_classes=k + 1)[0]
    codes = np.concatenate([numbers, np.full(len(fine), k, dtype=np.int64)])
    fitted = model.fit(both.table, features, codes, k + 1, seed=seed)
    return np.asarray(fitted.probs(pool.table, pool.features)[:, :k])


def quotas(slices: tuple[MinedSlice, ...], n: int) -> list[int]:
    """How many rows each slice gets, in proportion to its errors beyond those of other rows.

    Examples
    --------
    >>> quotas((MinedSlice(rows=90, rate=0.5), MinedSlice(rows=10, rate=0.5)), 10)
    [9, 1]
    """
    weight = np.array([max(one.rate - one.outside, 0.01) * one.rows for one in slices])
    exact = n * weight / weight.sum()
    counts = np.floor(exact).astype(np.int64)
    counts[np.argsort(counts - exact, kind="stable")[: n - int(counts.sum())]] += 1
    return [int(one) for one in counts]
