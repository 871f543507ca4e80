"""Whether label noise has a direction: from one class to another more often than back.

Overlapping classes are confused both ways; a weak model shows that as if it were noise. Class-conditional noise often
has a direction: every second cat is labelled dog, no dog is labelled cat.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dechaff.typing import ClassMatrix, ClassVector

BY_CHANCE = 0.8
"""Mean size of a normal number, in standard deviations."""
SQUARES_SLACK = 0.1
"""Margin by which the statistic of squares must exceed that of absolute values. A single pair can dominate the squares;
but with many classes, each confused with a few others, absolute values are dominated by chance."""


def directed_fraction(labels: npt.NDArray[np.int64]) -> float:
    """Fraction of the disagreement on the plateaus that goes one way only, beyond chance; 0 = symmetric.

    It does not detect two classes that are swapped both ways, which is as symmetric as an overlap.

    Parameters
    ----------
    labels : (k, k) int
        Rows on the plateau of each class (column), by given label (row).

    Returns
    -------
    float from 0 to 1

    Source
    ------
    This library. The symmetry test of Bowker (1948), JASA 43, as an effect size instead of a test.

    Examples
    --------
    >>> import numpy as np
    >>> directed_fraction(np.array([[800, 0], [200, 1000]])) > 0.9
    True
    >>> directed_fraction(np.array([[800, 200], [200, 800]]))
    0.0
    """
    k, rows = len(labels), np.maximum(labels.sum(axis=0), 1)
    wrong: ClassMatrix = labels / rows
    np.fill_diagonal(wrong, 0)
    variance = (wrong + 1 / (rows * k)) * (1 - wrong) / rows
    np.fill_diagonal(variance, 0)
    both = np.sqrt(variance + variance.T)
    gaps, sums = np.abs(wrong - wrong.T), wrong + wrong.T
    sizes = float((gaps - BY_CHANCE * both).sum() / max(sums.sum(), 1e-9))
    squares = float((gaps**2 - both**2).sum() / max((sums**2).sum(), 1e-9))
    return min(1.0, max(0.0, sizes, squares - SQUARES_SLACK))


def sameness(labels: npt.NDArray[np.int64], weights: ClassVector) -> float:
    """How often two wrong labels of a class are the same: 0 = as often as if drawn among the others, 1 = always.

    Classes that overlap with several others have some sameness; one that is mistaken for one other, in one direction
    or in both, has nearly all of it.

    Parameters
    ----------
    labels : (k, k) int
        Rows on the plateau of each class (column), by given label (row).
    weights : (k,) float, 0 or more
        How much each column counts.

    Returns
    -------
    float; 0 if no class has two wrong labels, and of two classes

    Source
    ------
    Simpson (1949), Nature 163, 688, in its unbiased form, from 0 for an even spread to 1.

    Examples
    --------
    >>> import numpy as np
    >>> labels = np.array([[80, 0, 0], [10, 90, 20], [10, 10, 80]])
    >>> sameness(labels, np.array([0, 0, 1])), round(sameness(labels, np.array([1, 0, 0])), 2)
    (1.0, -0.05)
    """
    k = len(labels)
    wrong = labels * (1 - np.eye(k, dtype=np.int64))
    counts = wrong.sum(axis=0)
    pairs = float(weights @ (counts * (counts - 1)))
    if k <= 2 or pairs <= 0:
        return 0.0
    even = 1 / (k - 1)
    return (float(weights @ (wrong * (wrong - 1)).sum(axis=0)) / pairs - even) / (1 - even)
