"""The few most probable classes of each row, the given one among them, and their fractions."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_labels
from dechaff.core.kernels.native import cells_of, codes_of, native_for_any_order, typed
from dechaff.core.kernels.pair_sums import lane_sums
from dechaff.typing import Labels

_SORTED_WHOLE = 64
"""Up to this many columns numpy sorts a row fastest."""
_LEAST_SHARE, _LEAST_OTHERS = 1e-300, 1e-12

Classes = npt.NDArray[np.int64]
Shares = npt.NDArray[np.float64]


def most_probable(labels: Labels, probs: npt.NDArray[Any], m: int) -> tuple[Classes, Shares]:
    """(m, n) the m < 8 most probable classes of each row, in order, the given one in the last place if it is none of
    them; and (m + 1, n) their fractions of the row's sum, with that of each other class at last.

    Numbers are compared as whole numbers, the bits of each with the column in the last ones, so that ties go to the
    lower column on every machine; these bits are lost: for a thousand columns the last three digits of
    sixteen. Rows are added up in the order of `lane_sums`, so that no row depends on the others.

    Examples
    --------
    >>> classes, shares = most_probable(np.array([2]), np.array([[0.25, 0.5, 0.25]]), 2)
    >>> classes.T, shares.T
    (array([[1, 2]]), array([[0.5 , 0.25, 0.25]]))
    """
    (n, k), native = probs.shape, native_for_any_order(probs)
    mask = (1 << max(k - 1, 1).bit_length()) - 1
    if native is None:
        check_labels(labels, k)
        return _most_probable(labels, probs, m, mask)
    classes, shares = np.empty((m, n), dtype=np.int64), np.empty((m + 1, n))
    if native(typed("most_probable", probs), codes_of(labels), *cells_of(probs), mask, m, classes, shares):
        check_labels(labels, k)
    return classes, shares


def _most_probable(labels: Labels, probs: npt.NDArray[Any], m: int, mask: int) -> tuple[Classes, Shares]:
    most = _largest_keys(probs, mask, m)
    classes, shares = mask - (most & mask), np.empty((m + 1, len(probs)))
    shares[:m] = (most & ~mask).view(np.float64)
    missing = np.flatnonzero((classes != labels).all(axis=0))
    classes[-1, missing] = labels[missing]
    shares[-2, missing] = probs[missing, labels[missing]]
    total = lane_sums(probs)
    shares[-1] = np.maximum(total - shares[:m].sum(axis=0), _LEAST_OTHERS) / max(probs.shape[1] - m, 1)
    shares /= total
    return classes, np.maximum(shares, _LEAST_SHARE, out=shares)


def _largest_keys(probs: npt.NDArray[Any], mask: int, m: int) -> npt.NDArray[np.int64]:
    k = probs.shape[1]
    bits = np.add(probs, 0.0, dtype=np.float64).view(np.int64)  # + 0.0 turns -0.0 into 0.0, whose bits sort as numbers
    bits &= ~mask
    bits |= mask - np.arange(k)
    if k > _SORTED_WHOLE:
        bits.partition(k - m, axis=1)
        bits = bits[:, k - m :]
    bits.sort(axis=1)
    return np.ascontiguousarray(bits.T[: -m - 1 : -1])
