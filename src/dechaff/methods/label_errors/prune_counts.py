"""How many rows to prune, by given and by true class."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from dechaff.errors import InputError
from dechaff.typing import ClassMatrix, Probs


def whole_counts(counts: ClassMatrix) -> npt.NDArray[np.int64]:
    """Whole numbers near `counts` whose rows keep their sums, rounded.

    The largest remainders of a row are rounded up, the lower class first among equals.

    Parameters
    ----------
    counts : (k, k) float, at least 0

    Returns
    -------
    (k, k) int

    Source
    ------
    The method of largest remainders (Hamilton, 1792), which cleanlab 2.9 uses as ``round_preserving_row_totals``.

    Examples
    --------
    >>> whole_counts(np.array([[1.25, 0.75], [0.5, 0.5]]))
    array([[1, 1],
           [1, 0]])
    """
    whole = counts.astype(np.int64)  # truncation, which is the floor of non-negative numbers
    missing = np.rint(counts.sum(axis=1)).astype(np.int64) - whole.sum(axis=1)
    # Only cells with a remainder can be rounded up; of many classes, most cells are empty.
    rows, columns = np.nonzero(counts)
    remainder = counts[rows, columns] - whole[rows, columns]
    order = np.lexsort((columns, -remainder, rows))
    rank = np.arange(len(order)) - np.searchsorted(rows, rows)  # np.nonzero gives the rows in order
    up = order[rank < missing[rows]]
    whole[rows[up], columns[up]] += 1
    return whole


def prune_counts(
    joint: npt.NDArray[np.int64], *, frac_noise: float = 1.0, min_examples_per_class: int = 1
) -> npt.NDArray[np.int64]:
    """The joint with a fraction of its errors put back on the diagonal, and no class emptied.

    Parameters
    ----------
    joint : (k, k) int
        Of `calibrated_joint`; rows are given labels, columns true ones.
    frac_noise : float from 0 to 1
        Fraction of the estimated errors that is to be pruned.
    min_examples_per_class : int
        Each diagonal is raised to it, at the cost of the other counts of its row.

    Returns
    -------
    (k, k) int
        Off the diagonal the rows to prune of each given label, by the class that they belong to.

    Source
    ------
    Northcutt, Jiang, Chuang (2021), JAIR 70, section 3.2; both options as in cleanlab 2.9.

    Examples
    --------
    >>> prune_counts(np.array([[10, 4], [6, 4]]), frac_noise=0.5)
    array([[12,  2],
           [ 3,  7]])
    """
    moved = np.flatnonzero((joint.diagonal() < min_examples_per_class) | (frac_noise != 1.0))
    counts = joint.copy() if len(moved) else joint
    for row in moved.tolist():
        counts[row] = _moved(joint[row].astype(np.float64), row, frac_noise, min_examples_per_class)
    return counts


def counts_for(
    probs: Probs, joint: npt.NDArray[np.int64], *, frac_noise: float, min_examples_per_class: int
) -> npt.NDArray[np.int64]:
    """`prune_counts`, or an InputError if the joint is not one of these classes or `frac_noise` is outside [0,
    1]."""
    k = np.shape(probs)[-1]
    if np.shape(joint) != (k, k):
        must = f"have one row and one column for each of the {k} classes of probs"
        raise InputError("joint", must, f"shape {np.shape(joint)}", "Compute it from the same labels and probs.")
    if not 0 <= frac_noise <= 1:
        raise InputError("frac_noise", "be from 0 to 1", repr(frac_noise), "1 prunes all errors that were estimated.")
    return prune_counts(joint, frac_noise=frac_noise, min_examples_per_class=min_examples_per_class)


def _moved(counts: npt.NDArray[np.float64], own: int, frac_noise: float, least: int) -> npt.NDArray[np.int64]:
    """One row; the order of operations is cleanlab's, since the result is cut to whole numbers."""
    others = max(np.count_nonzero(counts) - 1.0, 1.0)
    diagonal = max(counts[own], least)
    eased = np.maximum(counts - (diagonal - counts[own]) / others, 0.0)
    eased[own] = diagonal
    kept = eased * frac_noise
    kept[own] = diagonal
    kept[own] = diagonal + (eased - kept).sum()
    return np.asarray(kept.astype(np.int64))


def prune_counts_of(
    counts: npt.NDArray[np.int64],
    class_counts: npt.NDArray[np.int64],
    num_to_remove_per_class: npt.NDArray[np.int64],
    *,
    whole: Callable[[ClassMatrix], npt.NDArray[np.int64]] = whole_counts,
) -> npt.NDArray[np.int64]:
    """Counts scaled so that a given number of rows is pruned of each class.

    Parameters
    ----------
    counts : (k, k) int
        Of `prune_counts`.
    class_counts : (k,) int
        Rows given each label.
    num_to_remove_per_class : (k,) int
        Rows to prune of each class.
    whole : what makes whole numbers of the scaled counts.

    Returns
    -------
    (k, k) int
        With ``class_counts - num_to_remove_per_class`` on the diagonal, which is exact for `prune_by_class` and
        a row off, here and there, for `prune_by_noise_rate`.

    Raises
    ------
    InputError
        If there is not one number for each class.

    Source
    ------
    cleanlab 2.9, the option of the same name. Differs where a class has no estimated errors: no counts, for
    cleanlab's undefined ones.

    Examples
    --------
    >>> prune_counts_of(np.array([[10, 4], [6, 10]]), np.array([14, 16]), np.array([2, 3]))
    array([[12,  3],
           [ 2, 13]])
    """
    wanted = np.asarray(num_to_remove_per_class)
    if wanted.shape != class_counts.shape:
        raise InputError(
            "num_to_remove_per_class",
            f"contain one number for each of the {len(class_counts)} classes",
            f"shape {wanted.shape}",
            "Use 0 for a class to leave unchanged.",
        )
    by_true = counts.T.astype(np.float64)
    share = by_true / np.maximum(by_true.sum(axis=1), 1e-100)
    noise = share.sum(axis=1) - share.diagonal()
    scaled = (share.T * wanted / np.where(noise > 0, noise, np.inf)).T
    np.fill_diagonal(scaled, class_counts - wanted)
    return np.ascontiguousarray(whole(scaled).T)
