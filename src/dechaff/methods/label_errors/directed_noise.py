"""Whether labels go wrong in a direction: from one class to another more often than back.

Classes that overlap are taken for each other both ways; a weak model shows that as if it were noise. Noise that comes
with the class has a direction: every second cat is called a dog, no dog a cat.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dechaff.typing import ClassMatrix, ClassVector

BY_CHANCE = 0.8
"""Mean size of a normal number, in standard deviations."""
SQUARES_SLACK = 0.1
"""By so much more must the squares say so: a single pair sways them, but of many classes, of which each is mistaken for
few, chance hides all else."""


def directed_share(labels: npt.NDArray[np.int64]) -> float:
    """How much of the disagreement on the plateaus goes one way only, beyond chance; 0 = as often there as back.

    Blind to classes that are swapped both ways, which are a direction as little as an overlap is.

    Parameters
    ----------
    labels : (k, k) int
        Rows on the plateau of each class (column), by given label (row).

    Returns
    -------
    float from 0 to 1

    Source
    ------
    This library. The test of symmetry of Bowker (1948), JASA 43, as a share instead of a test.

    Examples
    --------
    >>> import numpy as np
    >>> directed_share(np.array([[800, 0], [200, 1000]])) > 0.9, directed_share(np.array([[800, 200], [200, 800]]))
    (True, 0.0)
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


def evenness(labels: npt.NDArray[np.int64], weights: ClassVector) -> float:
    """How evenly the wrong labels of some classes fall on all others: the rarer half as often as the mean, at most 1.

    Labels drawn at random fall everywhere; a direction, or an overlap, has a few classes only.

    Parameters
    ----------
    labels : (k, k) int
        Rows on the plateau of each class (column), by given label (row).
    weights : (k,) float, 0 or more
        How much each column counts.

    Returns
    -------
    float from 0 to 1; 0 where nothing is wrong

    Source
    ------
    This library. The half, as overlap adds to some classes what no draw has put there.

    Examples
    --------
    >>> import numpy as np
    >>> labels = np.array([[80, 0, 0], [10, 90, 20], [10, 10, 80]])
    >>> evenness(labels, np.array([1, 0, 0])), evenness(labels, np.array([0, 0, 1]))
    (1.0, 0.0)
    """
    k, rows = len(labels), np.maximum(labels.sum(axis=0), 1)
    wrong = np.sort((labels / rows).T[~np.eye(k, dtype=bool)].reshape(k, k - 1), axis=1)
    mean = float(weights @ wrong.mean(axis=1)) if k > 1 else 0.0
    return min(1.0, float(weights @ wrong[:, : k // 2].mean(axis=1)) / mean) if mean > 0 else 0.0
