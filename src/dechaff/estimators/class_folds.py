"""Folds for rows of several classes: each class spread evenly, equal rows and groups in one fold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from sklearn.model_selection import BaseCrossValidator

from dechaff.core.row_hash import Hashes, row_hash
from dechaff.errors import InputError
from dechaff.estimators.content_folds import USUAL_FOLDS, Folds, Units
from dechaff.estimators.label_folds import seed_of
from dechaff.typing import Labels


def class_folds(
    hashes: Hashes,
    labels: Labels,
    *,
    weights: npt.NDArray[np.float64] | None = None,
    groups: npt.NDArray[Any] | None = None,
    n_folds: int | None = None,
    seed: int = 0,
) -> Folds:
    """A fold for each row: every class spread evenly, equal rows (and groups) in one fold.

    Decided by content, so that the same rows get the same folds in any order, and a row written twice the same as a
    row of weight 2. The rarest class is dealt first; one of fewer rows than folds is missing from some of them.

    Parameters
    ----------
    hashes : (n,) uint64
        Equal for equal rows (`row_hash`).
    labels : (n,) int, 0 … k-1
    weights : (n,) float, above 0
        How often each row counts; all once where it is None.
    groups : (n,) of any kind
        Rows of the same value are not cut apart.
    n_folds : how many, at least 2; where it is None, five, or fewer where there are fewer distinct rows (or groups).
    seed : decides which rows go together.

    Returns
    -------
    (n,) int, 0 … n_folds - 1

    Raises
    ------
    InputError
        Where there are fewer distinct rows (or groups) than folds, or fewer than two.

    Examples
    --------
    >>> hashes = np.array([11, 12, 13, 14, 15, 11], dtype=np.uint64)
    >>> folds = class_folds(hashes, np.array([0, 0, 1, 1, 2, 0]), n_folds=2)
    >>> bool(folds[0] == folds[5]), bool(folds[0] != folds[1]), bool(folds[2] != folds[3])
    (True, True, True)
    """
    counts = np.ones(len(hashes)) if weights is None else weights
    units = Units.of(hashes, groups)
    n_dealt = _checked_folds(n_folds, len(units.names))
    sizes = np.bincount(labels, counts).astype(np.float32)
    rarity = np.argsort(np.argsort(sizes, kind="stable"), kind="stable")
    kinds = np.full(len(units.names), len(sizes), dtype=np.int64)
    np.minimum.at(kinds, units.of_rows, rarity[labels])
    order, _ = units.in_order(kinds, counts, seed=seed)
    folds = np.empty(len(order), dtype=np.int64)
    # Round and round, so that the units of a class, which follow each other, come to differ by one a fold.
    folds[order] = np.arange(len(order)) % n_dealt
    return np.asarray(folds[units.of_rows])


def _checked_folds(n_folds: int | None, n_units: int) -> int:
    if n_folds is not None and n_folds < 2:
        raise InputError("cv", "be at least 2 folds", str(n_folds), "Leave it out: up to five folds are made.")
    least = 2 if n_folds is None else n_folds
    if n_units < least:
        must = "be at least 2" if n_folds is None else f"be at least as many as cv={n_folds}"
        fix = "Add rows: each label is judged by a model that has not seen its row."
        raise InputError("the distinct rows (or groups)", must, str(n_units), fix)
    return min(USUAL_FOLDS, n_units) if n_folds is None else n_folds


class ClassFolds(BaseCrossValidator):  # type: ignore[misc]
    """A splitter that spreads each class evenly and never cuts equal rows or groups apart.

    For ``cross_val_score(..., cv=ClassFolds())`` and the like; `CleanClassifier` uses the same folds where its ``cv``
    is a number. The folds do not depend on the order of the rows, and copies of a row never tell on each other.

    Parameters
    ----------
    n_splits : int or None
        None makes five folds, or fewer where there are fewer distinct rows.
    random_state : int, RandomState or None
        Decides which rows go together; None counts as 0.

    Examples
    --------
    >>> X, y = np.array([[0.0], [1.0], [2.0], [3.0], [0.0]]), np.array(["a", "a", "b", "b", "a"])
    >>> [test.tolist() for _, test in ClassFolds(2).split(X, y)]
    [[0, 2, 4], [1, 3]]
    """

    __metadata_request__split: ClassVar[dict[str, bool]] = {"groups": True}

    def __init__(self, n_splits: int | None = USUAL_FOLDS, *, random_state: Any = None) -> None:
        self.n_splits = n_splits
        self.random_state = random_state

    def split(self, X: Any, y: Any, groups: Any = None) -> Iterator[tuple[Folds, Folds]]:
        """Pairs (rows to learn from, rows held out)."""
        folds = class_folds(
            row_hash(X),
            np.unique(np.asarray(y), return_inverse=True)[1].astype(np.int64),
            groups=None if groups is None else np.asarray(groups),
            n_folds=self.n_splits,
            seed=seed_of(self.random_state),
        )
        for fold in range(int(folds.max()) + 1):
            yield np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        """How many folds; where that depends on the rows, hand them in."""
        if self.n_splits is not None and X is None:
            return self.n_splits
        return sum(1 for _ in self.split(X, y, groups))
