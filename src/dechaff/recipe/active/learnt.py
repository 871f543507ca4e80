"""What a model of the labelled rows says of a pool, and how good it is on rows that it has not seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dechaff.core.threads import use_threads
from dechaff.core.words import counted
from dechaff.data.dataset import Dataset
from dechaff.methods.active.view import PoolView
from dechaff.models.baseline_guard import gain_over_prior
from dechaff.models.choose import bind_together, candidate_models
from dechaff.models.columns import leading_directions
from dechaff.models.model import EncodedModel, Encoding, Fitted, Matrix
from dechaff.models.out_of_fold import each_out_of_fold, stratified_group_folds
from dechaff.recipe.explore.content_hashes import data_hashes
from dechaff.typing import Features, Mask, Probs, Rows

MOST_ROWS = 20_000
"""A larger pool, or more labelled rows, are represented by this many, drawn at random."""
FEWEST_ROWS = 10
FEWEST_OF_CLASS = 2
CONTROL_FOLDS = 10


@dataclass(frozen=True)
class Learnt:
    """Probabilities of the pool, and of the labelled rows by models that have not learnt from them.

    None if no model is good enough.
    """

    probs: Probs | None = None
    out_of_fold: Probs | None = None
    name: str = ""
    why_not: str = ""
    """Why there is no model; "" if there is one."""


def learnt(labelled: Dataset, pool: Dataset, *, apart: Mask | None = None, seed: int, threads: int) -> Learnt:
    """The mean of the baseline models, if it beats the frequencies of the classes on held-out rows.

    The mean, because trees alone give many rows the same probabilities, among which nothing can be chosen. Labelled
    rows that are set `apart` are predicted like the pool, and not learnt from.
    """
    every, k = labelled, len(labelled.class_names)
    known = np.ones(len(every), dtype=bool) if apart is None else ~apart
    labelled = every.take(known)
    counts = np.bincount(labelled.codes, minlength=k)
    if len(labelled) < FEWEST_ROWS or (counts >= FEWEST_OF_CLASS).sum() < 2:
        few = f"{counted(len(labelled), 'label')} of {counted(int((counts > 0).sum()), 'class', 'classes')}"
        return Learnt(why_not=f"{few} are too few to train a model")
    folds = stratified_group_folds(labelled.codes, labelled.groups, data_hashes(labelled), seed=seed)
    models = candidate_models(labelled.table, labelled.features, n_classes=k)
    bounds = bind_together(models, labelled.table, labelled.features, k, seed=seed)
    with use_threads(threads):
        runs = each_out_of_fold(bounds, labelled.codes, folds, k, threads=threads)
        held_out = np.mean(runs, axis=0)
        gain = gain_over_prior(labelled.codes, held_out, folds)
        if gain.mean() <= gain.std() / np.sqrt(len(gain)):
            return Learnt(why_not="no model predicts held-out labels better than the frequencies of the classes do")
        fitted = [model.fit(labelled.table, labelled.features, labelled.codes, k, seed=seed) for model in models]
        probs, others = (_mean_probs(fitted, some) for some in (pool, every.take(~known)))
    of_labelled = np.empty((len(every), k))
    of_labelled[known], of_labelled[~known] = held_out, others
    return Learnt(probs, of_labelled, " + ".join(model.name for model in models))


def _mean_probs(fitted: Sequence[Fitted], rows: Dataset) -> Probs:
    if not len(rows):
        return np.zeros((0, len(rows.class_names)))
    return np.asarray(np.mean([one.probs(rows.table, rows.features) for one in fitted], axis=0))


def held_out_probs(labelled: Dataset, held_out: Rows, learn_from: Mask, *, seed: int, threads: int) -> Probs:
    """(n, k) probabilities of some rows by models of other rows, at most a tenth of these held out; 0 for the others.

    Parameters
    ----------
    labelled : n rows.
    held_out : places of the rows that are predicted.
    learn_from : (n,) rows that models may learn from.
    """
    k, rows = len(labelled.class_names), labelled.take(held_out)
    if not len(rows):
        return np.zeros((len(labelled), k))
    folds = np.full(len(labelled), -1, dtype=np.int64)
    parts = min(CONTROL_FOLDS, len(rows))
    folds[held_out] = np.argsort(np.argsort(data_hashes(rows), kind="stable"), kind="stable") % parts
    models = candidate_models(labelled.table, labelled.features, n_classes=k)
    bounds = bind_together(models, labelled.table, labelled.features, k, seed=seed)
    with use_threads(threads):
        codes = np.where(learn_from, labelled.codes, -1)
        runs = each_out_of_fold(bounds, codes, folds, k, only=np.arange(parts), threads=threads)
    return np.asarray(np.mean(runs, axis=0))


def pool_view(pool: Dataset, labelled: Dataset | None, probs: Probs | None, *, seed: int) -> PoolView:
    """The rows as numbers that can be compared by distance: standardised columns, or leading directions of texts."""
    model = candidate_models(pool.table, pool.features)[0]
    assert isinstance(model, EncodedModel)
    encoding, matrix = model.encoder.fit(pool.table, pool.features, 2, seed=seed)
    known = matrix[:0] if labelled is None else _encoded(encoding, labelled)
    if hasattr(matrix, "toarray"):
        directions = leading_directions(matrix, n_iter=4, seed=seed)
        matrix, known = matrix @ directions, known @ directions
    return PoolView(_numbers(matrix), _numbers(known), probs)


def _encoded(encoding: Encoding, data: Dataset) -> Matrix:
    return encoding.transform(data.table, data.features)


def _numbers(matrix: Matrix) -> Features:
    """(n, d) float64; where there are no directions, one column of zeros."""
    rows = np.asarray(matrix, dtype=np.float64)
    return rows if rows.shape[1] else np.zeros((len(rows), 1))


def drawn(data: Dataset, rng: np.random.Generator) -> Dataset:
    """The rows, or as many as are worked on, in their order."""
    if len(data) <= MOST_ROWS:
        return data
    return data.take(np.sort(rng.choice(len(data), MOST_ROWS, replace=False)))
