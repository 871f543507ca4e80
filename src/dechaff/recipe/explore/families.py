"""Families of augmented data: a row and those that were made from it, one of which is compared with other rows."""

from __future__ import annotations

import numpy as np

from dechaff.core.codes import factorize_objects
from dechaff.core.groups import Pairs
from dechaff.core.row_hash import Hashes
from dechaff.data.dataset import Dataset
from dechaff.data.keys import content_digests
from dechaff.recipe.explore.equal import MADE, equal_pairs
from dechaff.recipe.outcome.row_store import RowStore
from dechaff.typing import Mask, Rows, Texts

FAMILY, OWN, PARENT = "family", "own", "parent"
"""Row columns: a hash of the cell that names the parent, 0 if empty; whether it names the row itself; and the number of
the parent, -1 for none."""


def parents_in(data: Dataset) -> Rows:
    """(n,) for each row the position of the one that it was made from, -1 for rows that were not made from others.

    The parent is the row whose name the family has. If there is no such row, because rows have no names or because it
    was taken out, the first row of the family in the source stands for it.

    Examples
    --------
    >>> from dechaff.data.open import open_data
    >>> rows = {"k": ["r1", "r1+1", "r2"], "x": [1.0, 1.1, 5.0], "y": ["a", "a", "b"], "aug_of": ["r1", "r1", "r2"]}
    >>> parents_in(open_data(rows, label="y", id="k").train)
    array([-1,  0, -1])
    """
    found = np.full(len(data), -1, dtype=np.int64)
    if data.parents is None or not len(data):
        return found
    names = data.parents.astype(str)
    family, own = factorize_objects(names.tolist()), own_names(data, names)
    order = np.lexsort((data.positions, ~own, family))
    _, first, member = np.unique(family[order], return_index=True, return_inverse=True)
    found[order] = order[first][member]
    alone = (found == np.arange(len(data))) | own | (names == "")
    return np.where(alone, -1, found)


def parent_keys(data: Dataset) -> Texts | None:
    """(n,) the key of the row that each was made from, '' for none; None if the data are not augmented."""
    if data.parents is None:
        return None
    parents = parents_in(data)
    return np.where(parents < 0, "", data.keys[parents]).astype(object)


def own_names(data: Dataset, names: Texts) -> Mask:
    """(n,) True where a family has the name of the row, if the rows have names."""
    if not data.id_name:
        return np.zeros(len(data), dtype=np.bool_)
    return np.asarray(names == data.ids.astype(str), dtype=np.bool_)


def family_hashes(names: Texts) -> Hashes:
    """(n,) a hash of the name of each family; 0 for none."""
    return np.where(names.astype(str) == "", np.uint64(0), content_digests(names.tolist()))


def mark_made(store: RowStore) -> Pairs:
    """`parents_in` of any number of rows: leaves the columns `MADE` and `PARENT`, from `FAMILY` and `OWN`.

    Test rows are no parents: a row in the training data that was made from one is compared like any other.

    Returns
    -------
    (m, 2) int64
        Rows that belong to one family: each with the first.
    """
    trains, own = np.asarray(store.open("trains")), np.asarray(store.open(OWN))
    pairs = equal_pairs(store, FAMILY, FAMILY, lambda span: np.asarray(trains[span]))
    made, parent = store.make(MADE, np.bool_), store.make(PARENT, np.int64, -1)
    if not len(pairs):
        return pairs
    heads, family = np.unique(pairs[:, 0], return_inverse=True)
    rows, of = np.concatenate([heads, pairs[:, 1]]), np.concatenate([np.arange(len(heads)), family])
    order = np.lexsort((rows, ~own[rows], of))
    _, first, member = np.unique(of[order], return_index=True, return_inverse=True)
    rows = rows[order]
    parents = rows[first][member]
    child = (parents != rows) & ~own[rows]
    made[rows[child]], parent[rows[child]] = True, parents[child]
    return pairs
