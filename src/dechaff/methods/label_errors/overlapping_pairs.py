"""Pairs of classes that are taken for one another, whichever way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dechaff.typing import ClassMatrix


@dataclass(frozen=True)
class OverlappingPairs:
    """Unordered pairs of classes, the most confused first."""

    first: npt.NDArray[np.int64]
    """The class of the lower number."""
    second: npt.NDArray[np.int64]
    rows: npt.NDArray[np.float64]
    """What the joint counts: rows that carry one label of the two and belong to the other class."""


def overlapping_pairs(joint: ClassMatrix) -> OverlappingPairs:
    """Pairs of classes, by the number of rows in which either stands for the other: candidates to merge.

    Parameters
    ----------
    joint : (k, k) float
        Of `posterior_joint`, or a calibrated confident joint.

    Returns
    -------
    OverlappingPairs
        The k (k - 1) / 2 pairs, most rows first; ties in the order of the classes.

    Source
    ------
    cleanlab 2.9, ``find_overlapping_classes``; its order among ties depends on the processor.

    Examples
    --------
    >>> import numpy as np
    >>> worst = overlapping_pairs(np.array([[3.0, 1.0, 0.0], [2.0, 5.0, 4.0], [0.0, 0.0, 1.0]]))
    >>> worst.first, worst.second, worst.rows
    (array([1, 0, 0]), array([2, 1, 2]), array([4., 3., 0.]))
    """
    first, second = np.triu_indices(len(joint), k=1)
    rows = np.asarray(joint[first, second] + joint[second, first], dtype=np.float64)
    order = np.argsort(-rows, kind="stable")
    return OverlappingPairs(first[order], second[order], rows[order])
