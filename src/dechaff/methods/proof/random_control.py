"""The control of a proof: as many rows dropped and labels changed as in the cleaning, but at random."""

from __future__ import annotations

import numpy as np

from dechaff.typing import Labels, Mask


def random_control(given: Labels, kept: Mask, cleaned: Labels, *, rng: np.random.Generator) -> tuple[Mask, Labels]:
    """What a cleaning did, done to random rows of the same given class.

    Each row has a fate: dropped, or kept with some new label, or left alone. The fates are shuffled among the
    rows that share a given label. So the control drops as many rows of every class, and turns as many labels
    of each class into each other class, as the cleaning did; it only does not know *which* rows to choose. A
    cleaning that does not beat it has changed the amounts (fewer rows, another balance), not the quality.

    Parameters
    ----------
    given : (n,) int, -1 if missing
        Labels before cleaning.
    kept : (n,) bool
        Rows that the cleaning kept.
    cleaned : (n,) int, -1 if missing
        Labels after cleaning; any value for a dropped row.
    rng : Generator
        Decides the shuffle.

    Returns
    -------
    kept, labels : (n,) bool and (n,) int
        The same two arrays for the control.

    Source
    ------
    Permutation within strata: Good (2005), Permutation, Parametric and Bootstrap Tests, ch. 3.

    Examples
    --------
    >>> given = np.array([0, 0, 0, 1, 1])
    >>> kept, labels = random_control(given, np.array([False, True, True, True, True]),
    ...                               np.array([0, 1, 0, 1, 1]), rng=np.random.default_rng(0))
    >>> int((~kept).sum()), int((labels[kept] != given[kept]).sum())
    (1, 1)
    """
    source = np.arange(len(given))
    for label in np.unique(given):
        rows = np.flatnonzero(given == label)
        source[rows] = rng.permutation(rows)
    return kept[source], np.where(kept, cleaned, given)[source]
