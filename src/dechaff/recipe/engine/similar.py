"""The rows of a pool that are most like the rows on which a deployed model fails."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from dechaff.data.dataset import Dataset
from dechaff.methods.active.typical_rows import typical_rows
from dechaff.methods.active.view import PoolView
from dechaff.models.choose import candidate_models
from dechaff.models.model import Fitted
from dechaff.recipe.active.learnt import pool_view
from dechaff.records.turns import MinedSlice
from dechaff.typing import Labels, Numbers, Rows

MOST_KNOWN = 5_000
"""Training rows, drawn at random, that stand for those on which the model does not fail."""
_CANDIDATES = 3
"""Rows that are looked at for each one that is chosen, so that those can differ."""
_DIGITS = 9


@dataclass(frozen=True)
class Similar:
    """Rows of a pool, the slice that each is like, and how probably it belongs there."""

    rows: Rows
    slices: Labels
    likeness: Numbers


@dataclass(frozen=True)
class Likeness:
    """Classifiers that distinguish the rows of each failing slice from rows on which a model does not fail.

    Their mean counts: a linear one alone does not see a class in the midst of others, and trees alone give many rows
    the same probability.
    """

    fitted: tuple[Fitted, ...] = field(repr=False)
    fine: Dataset = field(repr=False)
    slices: tuple[MinedSlice, ...]
    lacks: Numbers
    """(slices,) how much of each slice training lacks, from 0 to 1."""

    @classmethod
    def of(
        cls,
        failing: tuple[Dataset, Labels],
        fine: Dataset,
        slices: tuple[MinedSlice, ...],
        *,
        lacks: Numbers,
        seed: int,
    ) -> Likeness:
        """Train them.

        Parameters
        ----------
        failing : rows on which the model fails, or that were labelled for a slice, with the number of its slice.
        fine : rows on which it does not fail.
        slices : those that are numbered.
        lacks : how much of each slice training lacks.
        seed : of the classifiers.
        """
        (rows, numbers), k = failing, len(slices)
        both = Dataset.joined([rows, fine])
        features = None
        if rows.features is not None and fine.features is not None:
            features = np.concatenate([rows.features, fine.features])
        models = candidate_models(both.table, features, n_classes=k + 1)
        codes = np.concatenate([numbers, np.full(len(fine), k, dtype=np.int64)])
        fitted = tuple(model.fit(both.table, features, codes, k + 1, seed=seed) for model in models)
        return cls(fitted, fine, slices, lacks)

    def __call__(self, rows: Dataset) -> Numbers:
        """(n, slices) probability that each row belongs to the rows of each slice.

        Rounded, so that rows which are read in other parts have the same order.
        """
        probs = np.mean([one.probs(rows.table, rows.features) for one in self.fitted], axis=0)
        return np.asarray(probs[:, : len(self.slices)]).round(_DIGITS)


def most_looked_at(n: int) -> int:
    """The most similar rows of each slice among which `similar_rows` chooses: earlier slices take some of them."""
    return (_CANDIDATES + 1) * n


def similar_rows(near: Dataset, like: Likeness, n: int, *, seed: int) -> Similar:
    """Rows for each slice, in proportion to its additional errors and to how much of it training lacks.

    The most similar ones come first; among three times as many as are wanted, typical rows of different clusters are
    taken, so that a batch is diverse.

    Parameters
    ----------
    near : rows without labels, which include the most similar ones of each slice.
    like : the classifier.
    n : rows wanted; fewer if there are fewer.
    seed : of clusters.
    """
    rng, likeness = np.random.default_rng(seed), like(near)
    features = pool_view(like.fine, near, None, seed=seed).labelled
    view = PoolView(features, features[:0])
    free = np.ones(len(near), dtype=bool)
    chosen, of_slice = list[int](), list[int]()
    for number, wanted in enumerate(quotas(like.slices, like.lacks, min(n, len(near)))):
        if not wanted:
            continue
        order = np.argsort(-likeness[:, number], kind="stable")
        some = np.sort(order[free[order]][: _CANDIDATES * wanted])
        picked = some[typical_rows(view.take(some), min(wanted, len(some)), rng)]
        free[picked] = False
        chosen += picked[np.argsort(-likeness[picked, number], kind="stable")].tolist()
        of_slice += [number] * len(picked)
    places, numbers = np.array(chosen, dtype=np.int64), np.array(of_slice, dtype=np.int64)
    return Similar(places, numbers, likeness[places, numbers])


def quotas(slices: tuple[MinedSlice, ...], lacks: Numbers, n: int) -> list[int]:
    """How many rows each slice gets, in proportion to its errors beyond those of other rows, and to what lacks.

    Examples
    --------
    >>> quotas((MinedSlice(rows=90, rate=0.5), MinedSlice(rows=10, rate=0.5)), np.ones(2), 10)
    [9, 1]
    """
    weight = lacks * [max(one.rate - one.outside, 0.01) * one.rows for one in slices]
    exact = n * weight / weight.sum()
    counts = np.floor(exact).astype(np.int64)
    counts[np.argsort(counts - exact, kind="stable")[: n - int(counts.sum())]] += 1
    return [int(one) for one in counts]
