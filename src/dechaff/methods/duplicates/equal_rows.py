"""Rows that are equal in every column, within one table or across two."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import numpy.typing as npt

from dechaff.typing import Axes, Groups, Labels, Mask

OtherLabels = Annotated[npt.NDArray[np.int64], Axes("m")]
OtherMask = Annotated[npt.NDArray[np.bool_], Axes("m")]


def equal_rows(codes: Labels) -> Groups:
    """The groups of equal rows, numbered in the order of their first row.

    Parameters
    ----------
    codes : (n,) int64
        One code a row, equal for equal rows (`dechaff.core.factorize.combine_codes`); -1 = compare with none.

    Returns
    -------
    (n,) int64
        Number of the group; -1 for rows without a duplicate.

    Source
    ------
    Sorting; no statistic. `chance_repeats` tests whether equal rows are copies.

    Examples
    --------
    >>> equal_rows(np.array([7, 3, 7, 9, 3, -1, -1]))
    array([ 0,  1,  0, -1,  1, -1, -1])
    """
    _, inverse, counts = np.unique(codes, return_inverse=True, return_counts=True)
    repeated = (counts[inverse] > 1) & (codes >= 0)
    groups = np.full(len(codes), -1, dtype=np.int64)
    _, first, member = np.unique(codes[repeated], return_index=True, return_inverse=True)
    order = np.empty(len(first), dtype=np.int64)
    order[np.argsort(first)] = np.arange(len(first))
    groups[repeated] = order[member] if len(first) else member
    return groups


def shared_rows(train_codes: Labels, test_codes: OtherLabels) -> tuple[Mask, OtherMask]:
    """Rows of each table that also occur in the other.

    Parameters
    ----------
    train_codes : (n,) int64
    test_codes : (m,) int64
        Codes of one coding over both tables; -1 = compare with none.

    Returns
    -------
    (n,) bool and (m,) bool

    Examples
    --------
    >>> shared_rows(np.array([0, 1, 2, -1]), np.array([2, 5, -1]))
    (array([False, False,  True, False]), array([ True, False, False]))
    """
    in_test = np.isin(train_codes, test_codes) & (train_codes >= 0)
    in_train = np.isin(test_codes, train_codes) & (test_codes >= 0)
    return in_test, in_train


def first_of_group(groups: Groups) -> Mask:
    """True for the first row of each group; False for rows without a duplicate.

    Examples
    --------
    >>> first_of_group(np.array([-1, 0, 1, 0]))
    array([False,  True,  True, False])
    """
    first = np.zeros(len(groups), dtype=bool)
    numbers, positions = np.unique(groups, return_index=True)
    first[positions[numbers >= 0]] = True
    return first
