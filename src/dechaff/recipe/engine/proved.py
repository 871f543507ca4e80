"""Whether a model with the new labels is better, on sealed rows and in the failing slices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dechaff.data.dataset import Dataset
from dechaff.methods.proof.paired_interval import paired_interval
from dechaff.methods.proof.row_scores import RowScores
from dechaff.models.model import Model
from dechaff.recipe.prove.inputs import Prepared, prepare
from dechaff.recipe.prove.training import Trainings, train_all
from dechaff.records.record import Estimate
from dechaff.records.turns import AccuracyChange
from dechaff.typing import Mask

FEWEST_JUDGES = 8
"""Rows of a slice with outcomes that are needed to judge it."""
SEEDS = 8
_DIGITS = 6


@dataclass(frozen=True)
class Judge:
    """Rows of a served file that are kept for proofs, and the slices that they belong to."""

    rows: Dataset
    slices: tuple[str, ...]
    conditions: tuple[str, ...]
    inside: npt.NDArray[np.bool_]
    """(slices, n)"""


def accuracy_changes(
    before: Dataset, after: Dataset, sealed: Dataset, judges: Sequence[Judge], model: Model, by: Trainings
) -> tuple[AccuracyChange, ...]:
    """The change on the sealed rows, and in each slice with enough rows.

    Both versions are trained with the same draws and seeds, and judged on the same rows: see `paired_interval`.
    """
    tests = [sealed, *(one.rows for one in judges)]
    rows = prepare(before, after, lambda: tests)
    trained = train_all(rows, model, by, by.n_seeds or SEEDS)
    old, new = np.array(trained.before.hits), np.array(trained.after.hits)
    return tuple(
        _change(name, words, old[:, mask], new[:, mask], by.seed)
        for name, words, mask in _parts(rows, judges)
        if not name or mask.sum() >= FEWEST_JUDGES
    )


def _parts(rows: Prepared, judges: Sequence[Judge]) -> list[tuple[str, str, Mask]]:
    """The names of the sealed rows ("") and of all slices, with the test rows of each."""
    parts = list(rows.test.parts())
    ends = np.cumsum([0, *(len(part) for part in parts)])
    whole = np.arange(ends[-1])
    found: list[tuple[str, str, Mask]] = [("", "", whole < ends[1])]
    for part, start, judge in zip(parts[1:], ends[1:], judges, strict=False):
        # Test rows that cannot be scored were left out, and the others sorted; their places are known.
        at = np.searchsorted(judge.rows.positions, part.positions)
        for name, words, inside in zip(judge.slices, judge.conditions, judge.inside, strict=True):
            mask = np.zeros(ends[-1], dtype=bool)
            mask[start : start + len(part)] = inside[at]
            found.append((name, words, mask))
    return found


def _change(name: str, words: str, old: npt.NDArray[np.bool_], new: npt.NDArray[np.bool_], seed: int) -> AccuracyChange:
    found = paired_interval(_scores(old), _scores(new), seed=seed)
    difference = Estimate(*(round(value, _DIGITS) for value in (found.mean, found.low, found.high)))
    return AccuracyChange(name, words, old.shape[1], float(old.mean()), float(new.mean()), difference)


def _scores(hits: npt.NDArray[np.bool_]) -> list[RowScores]:
    """For each seed, the accuracy as a mean over rows."""
    right, wrong = np.array([1.0]), np.array([0.0])
    return [RowScores(float(row.mean()), row.astype(np.float64), right, wrong, 1.0) for row in hits]


def is_kept(changes: Sequence[AccuracyChange]) -> bool:
    """Whether accuracy certainly grew somewhere, and certainly fell nowhere.

    Examples
    --------
    >>> grown, same = (AccuracyChange(difference=Estimate(*one)) for one in ((0.1, 0.05, 0.2), (0.0, -0.1, 0.1)))
    >>> is_kept([grown, same]), is_kept([same])
    (True, False)
    """
    return any((one.difference.low or 0.0) > 0 for one in changes) and _fell_nowhere(changes)


def is_undecided(changes: Sequence[AccuracyChange]) -> bool:
    """Whether accuracy certainly neither grew nor fell anywhere, so that more labels may decide."""
    return not is_kept(changes) and _fell_nowhere(changes)


def _fell_nowhere(changes: Sequence[AccuracyChange]) -> bool:
    return not any((one.difference.high or 0.0) < 0 for one in changes)
