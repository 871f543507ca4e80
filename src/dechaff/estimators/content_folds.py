"""Cross-validation folds of the estimators: each class spread evenly, equal rows and groups in one fold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from sklearn.model_selection import BaseCrossValidator
from sklearn.utils.validation import check_random_state

from dechaff.core.folds import USUAL_FOLDS, Folds, Units, assign_folds
from dechaff.core.row_hash import Hashes, row_hash
from dechaff.errors import InputError
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

    The same rows get the same folds in any order, and a row written twice the same as a row of weight 2. A class
    with fewer rows than folds is missing from some of them.

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
        If there are fewer distinct rows (or groups) than folds, or fewer than two.

    Examples
    --------
    >>> hashes = np.array([11, 12, 13, 14, 15, 11], dtype=np.uint64)
    >>> folds = class_folds(hashes, np.array([0, 0, 1, 1, 2, 0]), n_folds=2)
    >>> bool(folds[0] == folds[5]), bool(folds[0] != folds[1]), bool(folds[2] != folds[3])
    (True, True, True)
    """
    units = Units.of(hashes, groups)
    n_units, least = len(units.names), _least_folds(n_folds)
    if n_units < least:
        must = "be at least 2" if n_folds is None else f"be at least as many as cv={n_folds}"
        fix = "Add rows: each label is judged by a model that has not seen its row."
        raise InputError("the distinct rows (or groups)", must, str(n_units), fix)
    wanted = min(USUAL_FOLDS, n_units) if n_folds is None else n_folds
    return np.asarray(assign_folds(units, labels, weights=weights, n_folds=wanted, seed=seed)[units.of_rows])


def label_folds(
    hashes: Hashes,
    labelled: npt.NDArray[np.bool_],
    *,
    weights: npt.NDArray[np.float64] | None = None,
    groups: npt.NDArray[Any] | None = None,
    n_folds: int | None = None,
    seed: int = 0,
) -> Folds:
    """A fold for each row of positive-unlabelled data: as `class_folds`, and each fold holds labelled rows out.

    Parameters
    ----------
    hashes, groups, seed : as in `class_folds`
    labelled : (n,) bool
    weights : (n,) float, at least 0
        How often each row counts; a row of weight 0 is no row.
    n_folds : how many, at least 2; where it is None, five, or fewer where fewer units are labelled.

    Returns
    -------
    (n,) int
        0 … n_folds - 1; -1 for rows of weight 0.

    Raises
    ------
    InputError
        If fewer units are labelled than there are folds, or fewer than two of either kind.

    Examples
    --------
    >>> hashes = np.array([11, 12, 13, 14, 11], dtype=np.uint64)
    >>> folds = label_folds(hashes, np.array([True, True, False, False, True]), n_folds=2)
    >>> bool(folds[0] == folds[4]), bool(folds[0] != folds[1]), bool(folds[2] != folds[3])
    (True, True, True)
    """
    counts = np.ones(len(hashes)) if weights is None else weights
    kept = np.flatnonzero(counts > 0)
    units = Units.of(hashes[kept], None if groups is None else groups[kept])
    unlabelled = np.bincount(units.of_rows, labelled[kept]) == 0
    wanted = _checked_folds(n_folds, int((~unlabelled).sum()), int(unlabelled.sum()))
    folds = np.full(len(hashes), -1, dtype=np.int64)
    dealt = assign_folds(units, labelled[kept].astype(np.int64), weights=counts[kept], n_folds=wanted, seed=seed)
    folds[kept] = dealt[units.of_rows]
    return folds


def _least_folds(n_folds: int | None) -> int:
    if n_folds is not None and n_folds < 2:
        raise InputError("cv", "be at least 2 folds", str(n_folds), "Leave it out: up to five folds are made.")
    return 2 if n_folds is None else n_folds


def _checked_folds(n_folds: int | None, n_labelled: int, n_unlabelled: int) -> int:
    least, found = _least_folds(n_folds), f"{n_labelled} labelled and {n_unlabelled} unlabelled ones"
    if min(n_labelled, n_unlabelled) < 2:
        fix = "Add rows: each model learns from both classes, and is asked about rows that it has not seen."
        raise InputError("the distinct rows (or groups)", "be at least 2 of each class, s = 1 and s = 0", found, fix)
    if n_labelled < least:
        fix = f"Label more rows, or use cv={n_labelled}."
        raise InputError("the distinct labelled rows (or groups)", f"be at least as many as cv={n_folds}", found, fix)
    return min(USUAL_FOLDS, n_labelled) if n_folds is None else n_folds


def folds_of_splits(splits: Iterable[tuple[Any, Any]], n: int) -> Folds:
    """A fold for each row, from pairs (train, test) of a splitter: each row held out once, and learnt from otherwise.

    Raises
    ------
    InputError
        If a row is held out twice or never, or left out of training when it is not held out.

    Examples
    --------
    >>> folds_of_splits([([2, 3], [0, 1]), ([0, 1], [2, 3])], 4)
    array([0, 0, 1, 1])
    """
    folds, learnt, number = np.full(n, -1, dtype=np.int64), np.zeros(n, dtype=np.int64), -1
    for number, (train, test) in enumerate(splits):
        _refuse_split((folds[test] >= 0).any(), "some rows in two held-out parts")
        folds[test] = number
        learnt[train] += 1
    _refuse_split((folds < 0).any(), f"{int((folds < 0).sum())} rows that are never held out")
    _refuse_split((learnt != number).any(), "rows that are neither learnt from nor held out")
    return folds


def _refuse_split(bad: Any, found: str) -> None:
    if bad:
        must = "hold each row out once and learn from it otherwise"
        raise InputError("cv", must, found, "Use a number of folds, or a splitter such as StratifiedGroupKFold.")


class ContentFolds(BaseCrossValidator):  # type: ignore[misc]
    """A splitter that spreads each class evenly and never cuts equal rows or groups apart.

    For ``cross_val_score(..., cv=ContentFolds())`` and the like; the estimators here use such folds where their
    ``cv`` is a number. The folds do not depend on the order of the rows, and copies of a row cannot leak.

    Parameters
    ----------
    n_splits : int or None
        None makes five folds, or fewer where there are fewer distinct rows.
    random_state : int, RandomState or None
        Decides which rows go together; None counts as 0.

    Examples
    --------
    >>> X, y = np.array([[0.0], [1.0], [2.0], [3.0], [0.0]]), np.array(["a", "a", "b", "b", "a"])
    >>> [test.tolist() for _, test in ContentFolds(2).split(X, y)]
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


def seed_of(random_state: Any) -> int:
    """A seed from what scikit-learn takes as ``random_state``; None counts as 0, so that runs repeat.

    Examples
    --------
    >>> seed_of(None), seed_of(7)
    (0, 7)
    """
    if random_state is None:
        return 0
    if isinstance(random_state, int | np.integer):
        return int(random_state)
    return int(check_random_state(random_state).randint(2**31 - 1))
