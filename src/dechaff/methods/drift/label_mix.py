"""Rows in which two samples have the same mix of classes, so that what still differs is not due to the classes."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import numpy.typing as npt

from dechaff.typing import Axes, Labels, Rows

Sample = Annotated[npt.NDArray[np.int64], Axes("n")]


def same_label_mix(labels: Labels, sample: Sample, *, random: np.random.Generator) -> Rows:
    """Drawn rows in which the proportion of each class is the same in both samples.

    Under label shift, p(x | y) is the same in both and p(y) is not: then these rows do not differ.

    Parameters
    ----------
    labels : (n,) int, -1 = missing
        Rows without a label are left out.
    sample : (n,) int, 0 or 1
    random : draws the rows.

    Returns
    -------
    (r,) int, ascending

    Source
    ------
    Saerens, Latinne, Decaestecker (2002), Neural Computation 14, for the definition. Differs: rows are drawn instead of
    weighted, so that the tests of two samples hold for them.

    Examples
    --------
    >>> labels, sample = np.array([0] * 6 + [1] * 2 + [0] * 2 + [1] * 2), np.repeat([0, 1], [8, 4])
    >>> rows = same_label_mix(labels, sample, random=np.random.default_rng(0))
    >>> np.bincount(2 * labels[rows] + sample[rows])
    array([4, 2, 2, 1])
    """
    known = labels >= 0
    sizes = np.bincount(sample[known], minlength=2)
    if not sizes.all():
        return np.zeros(0, dtype=np.int64)
    kept = []
    for label in np.unique(labels[known]).tolist():
        rows = [np.flatnonzero((labels == label) & (sample == one)) for one in (0, 1)]
        fraction = min(len(one) / size for one, size in zip(rows, sizes.tolist(), strict=True))
        counts = [round(fraction * size) for size in sizes.tolist()]
        kept += [random.permutation(one)[:count] for one, count in zip(rows, counts, strict=True)]
    return np.sort(np.concatenate(kept))
