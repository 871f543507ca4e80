"""Rows that are equal, by hashes of their content in row columns: in memory, or on disk a fraction at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from dechaff.core.groups import Pairs
from dechaff.core.row_hash import Hashes
from dechaff.methods.duplicates.equal_rows import equal_contents
from dechaff.recipe.outcome.row_store import RowColumn, RowStore
from dechaff.typing import Mask, Rows

_MOST_BYTES = 2**27
"""Of hashes that are compared at a time."""
MADE = "made"
"""Row column: whether the row was made from another one."""


@dataclass(frozen=True)
class Equal:
    """Which rows are equal.

    ``groups`` is the number of each training row's group in the order of first rows, -1 alone. ``partner`` is the first
    test row that equals a training row, -1 for none; rows of a test file are numbered behind those of the source.
    """

    groups: RowColumn
    partner: RowColumn
    pairs: float
    """Pairs of equal training rows."""
    distinct: int
    """Different training rows."""

    @classmethod
    def of(cls, store: RowStore, pairs: float, distinct: int) -> Equal:
        """With the row columns of a finished pass."""
        return cls(store.open("equal"), store.open("partner"), pairs, distinct)


def store_of_contents(contents: Hashes, tested: Hashes, made: Mask | None = None) -> RowStore:
    """The columns that `find_equal` reads, in memory.

    Parameters
    ----------
    contents, tested : (n, 2) and (m, 2) hashes of training rows and of test rows.
    made : (n,) training rows that were made from others; None if there are none.
    """
    store = RowStore(None, len(contents) + len(tested))
    both = np.concatenate([contents, tested])
    for name, column in zip(("hash", "hash_low"), both.T, strict=True):
        store.make(name, np.uint64)[:] = column
    store.make("trains", np.bool_)[: len(contents)] = True
    if made is not None:
        store.make(MADE, np.bool_)[: len(contents)] = made
    return store


def find_equal(store: RowStore, in_order: Callable[[Rows], Rows] = lambda rows: rows) -> tuple[Equal, Pairs]:
    """Leaves the columns of `Equal`; gives it, and each training row with the first that equals it.

    Parameters
    ----------
    store : row columns ``hash`` and ``hash_low``, 128 bits of the content of each row, 0 and 0 for rows without any
        value, which are equal to none; and ``trains``. Rows that are hashed beyond those are test rows, too. If there
        is ``made``, the rows that were made from others: these are compared with test rows only.
    in_order : sorts rows, for the numbers of groups.
    """
    trains = store.open("trains")
    pairs = equal_pairs(store, "hash", "hash_low")
    heads, head = np.unique(pairs[:, 0], return_inverse=True)
    rows, group = np.concatenate([heads, pairs[:, 1]]), np.concatenate([np.arange(len(heads)), head])
    order = np.lexsort((rows, group))
    rows, group = rows[order], group[order]
    train = (rows < len(trains)) & np.asarray(trains[np.minimum(rows, len(trains) - 1)])
    first_test = _firsts(group[~train], rows[~train], len(heads))
    store.make("partner", np.int64, -1)[rows[train]] = first_test[group[train]]
    if store.has(MADE):
        train[train] &= ~np.asarray(store.open(MADE)[rows[train]])
    n_train = np.bincount(group[train], minlength=len(heads))
    first = _firsts(group[train], rows[train], len(heads))
    copy = train & (n_train[group] > 1)
    copies, of = rows[copy], first[group[copy]]
    groups = store.make("equal", np.int64, -1)
    groups[copies] = of
    ordered = in_order(copies)
    _, place, number = np.unique(groups[ordered], return_index=True, return_inverse=True)
    groups[ordered] = np.argsort(np.argsort(place))[number]
    n_pairs = float((n_train * (n_train - 1.0) / 2).sum())
    distinct = _with_values(store) - int(np.maximum(n_train - 1, 0).sum())
    return Equal.of(store, n_pairs, distinct), np.stack([of, copies], axis=1)


def equal_pairs(store: RowStore, name: str, low: str, among: Callable[[slice], Mask] | None = None) -> Pairs:
    """Each row with the first one that has the same 128 bits in two columns; 0 and 0 are compared with none."""
    run = partial(store.fold, columns={"content": name, "content_low": low}, among=among)
    return equal_contents(run, len(store.open(name)), most_bytes=_MOST_BYTES)


def number_keys(store: RowStore) -> None:
    """Leaves the column ``ordinal``: which of the rows with one ``key`` each row is, in the order of rows."""
    ordinals, pairs = store.make("ordinal", np.uint32), equal_pairs(store, "key", "key")
    starts = np.flatnonzero(np.r_[True, pairs[1:, 0] != pairs[:-1, 0]][: len(pairs)])
    sizes = np.diff(np.r_[starts, len(pairs)])
    ordinals[pairs[:, 1]] = 1 + np.arange(len(pairs)) - np.repeat(starts, sizes)


def _firsts(group: Rows, rows: Rows, n_groups: int) -> Rows:
    """The first row of each group, -1 for none; the rows of a group are ascending."""
    first = np.full(n_groups, -1, dtype=np.int64)
    first[group[::-1]] = rows[::-1]
    return first


def _with_values(store: RowStore) -> int:
    """Training rows that hold some value, and one for all that hold none; rows made from others do not count."""
    hashes, low, trains = store.open("hash"), store.open("hash_low"), store.open("trains")
    some, blank = 0, 0
    for span in store.spans():
        held = (hashes[span] != 0) | (low[span] != 0)
        counted = trains[span] & ~store.open(MADE)[span] if store.has(MADE) else trains[span]
        some += int((held & counted).sum())
        blank += int((~held & counted).sum())
    return some + min(blank, 1)
