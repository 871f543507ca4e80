"""Predictions for every row by a model that has not seen it: folds that keep classes level and groups whole."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dechaff.core.progress import Progress, silent
from dechaff.errors import InputError, LabelsError
from dechaff.models.side_by_side import side_by_side
from dechaff.typing import FitPredict, Groups, Labels, Probs

Folds = npt.NDArray[np.int64]


def stratified_group_folds(codes: Labels, groups: Groups, *, n_folds: int = 5, seed: int = 0) -> Folds:
    """A fold for each row: every class spread evenly, rows of one group in one fold.

    Groups are dealt first, largest first, each to the fold that has the smallest part of its classes; single rows
    then level what is left. Rows without a label count as one more class, so that they are predicted too.

    Parameters
    ----------
    codes : (n,) int, -1 = missing
        Given labels.
    groups : (n,) int, -1 = alone
        Rows that must not be cut apart.
    n_folds : folds wanted; fewer where there are fewer groups and single rows than that.
    seed : decides which rows go together.

    Returns
    -------
    (n,) int, 0 … folds - 1

    Raises
    ------
    InputError
        Where all rows form one group, so that nothing can be held out.

    Examples
    --------
    >>> stratified_group_folds(np.array([0, 0, 1, 1]), np.array([-1, -1, -1, -1]), n_folds=2, seed=0)
    array([0, 1, 0, 1])
    """
    levels = np.where(codes < 0, codes.max(initial=-1) + 1, codes)
    counts = np.zeros((n_folds, int(levels.max(initial=0)) + 1), dtype=np.int64)
    folds = np.full(len(codes), -1, dtype=np.int64)
    random = np.random.default_rng(seed)
    _deal_groups(folds, counts, levels, _group_sizes_over_one(groups), random)
    _deal_rows(folds, counts, levels, random)
    folds = np.unique(folds, return_inverse=True)[1].astype(np.int64)
    if len(folds) < 2 or folds.max() == 0:
        raise InputError(
            "the rows",
            "fall into at least two groups, so that some can be held out",
            f"{len(folds)} rows in one group",
            "Add rows, or leave --group out.",
        )
    return folds


def _group_sizes_over_one(groups: Groups) -> list[npt.NDArray[np.int64]]:
    """The rows of each group of two or more, largest group first."""
    rows = np.flatnonzero(groups >= 0)
    order = rows[np.argsort(groups[rows], kind="stable")]
    starts = np.flatnonzero(np.diff(groups[order])) + 1
    members = [part for part in np.split(order, starts) if len(part) > 1]
    return sorted(members, key=len, reverse=True)


def _deal_groups(
    folds: Folds,
    counts: npt.NDArray[np.int64],
    levels: npt.NDArray[np.int64],
    members: list[npt.NDArray[np.int64]],
    random: np.random.Generator,
) -> None:
    totals = np.maximum(np.bincount(levels, minlength=counts.shape[1]), 1)
    jitter = random.random((len(members), len(counts))) * 1e-9
    for rows, lottery in zip(members, jitter, strict=True):
        present, sizes = np.unique(levels[rows], return_counts=True)
        burden = (counts[:, present] * sizes / totals[present]).sum(axis=1) / len(rows)
        crowd = counts.sum(axis=1) / len(levels)
        fold = int(np.argmin(burden + 1e-3 * crowd + lottery))
        folds[rows] = fold
        counts[fold, present] += sizes


def _deal_rows(
    folds: Folds, counts: npt.NDArray[np.int64], levels: npt.NDArray[np.int64], random: np.random.Generator
) -> None:
    single = np.flatnonzero(folds < 0)
    by_level = single[np.argsort(levels[single], kind="stable")]
    for rows in np.split(by_level, np.flatnonzero(np.diff(levels[by_level])) + 1):
        if len(rows) == 0:
            continue
        level = levels[rows[0]]
        share = _filled_up(counts[:, level], counts.sum(axis=1), len(rows))
        folds[random.permutation(rows)] = np.repeat(np.arange(len(counts)), share)
        counts[:, level] += share


def _filled_up(counts: npt.NDArray[np.int64], crowd: npt.NDArray[np.int64], n_rows: int) -> npt.NDArray[np.int64]:
    """How many of `n_rows` each fold gets, so that the counts end as level as they can."""
    order = np.lexsort((np.arange(len(counts)), crowd, counts))
    ascending = counts[order]
    # The water level once the first i + 1 folds are filled up to it.
    level = (np.cumsum(ascending) + n_rows) / np.arange(1, len(counts) + 1)
    reached = int(np.flatnonzero(level >= ascending)[-1]) + 1
    room = int(ascending[:reached].sum()) + n_rows
    share = np.zeros(len(counts), dtype=np.int64)
    share[order[:reached]] = room // reached - ascending[:reached]
    emptiest = np.lexsort((np.arange(reached), crowd[order[:reached]]))
    share[order[:reached][emptiest[: room % reached]]] += 1
    return share


def out_of_fold(
    fit_predict: FitPredict,
    codes: Labels,
    folds: Folds,
    n_classes: int,
    *,
    only: npt.NDArray[np.int64] | None = None,
    progress: Progress = silent,
    threads: int = 1,
) -> Probs:
    """Probabilities of every row from a model that has not seen its fold.

    Rows without a label (-1) are predicted and never learnt from. The answer is the same for any number of threads.

    Parameters
    ----------
    fit_predict : the model, bound to the rows.
    codes : (n,) int, -1 = missing
    folds : (n,) int
    n_classes : k
    only : folds to predict; all where it is None.

    Returns
    -------
    (n, k) float
        Rows sum to 1; rows of folds that were not asked for are 0.

    Raises
    ------
    LabelsError
        Where no row outside some fold has a label.
    """
    names = np.unique(folds) if only is None else only
    probs = np.zeros((len(codes), n_classes))

    def predict(fold: int) -> tuple[npt.NDArray[np.int64], Probs]:
        held_out = np.flatnonzero(folds == fold)
        fit_rows = np.flatnonzero((folds != fold) & (codes >= 0))
        if len(fit_rows) == 0:
            raise LabelsError(
                "the label column",
                "have labels in at least two folds",
                f"{int((codes >= 0).sum())} labelled rows in {len(codes)}",
                "Label more rows.",
            )
        return held_out, fit_predict(fit_rows, codes[fit_rows], held_out)

    for done, (held_out, part) in enumerate(side_by_side(predict, names, threads=threads), start=1):
        probs[held_out] = part
        progress("baseline", done, len(names))
    return probs
