"""Rows that are equal in every column, within one table or across two."""

from __future__ import annotations

import numpy as np

from dechaff.typing import Groups, Labels, Mask


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
