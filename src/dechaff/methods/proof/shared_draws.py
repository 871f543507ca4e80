"""Bootstrap draws of the training rows that two versions of a data set share."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dechaff.typing import Labels


def shared_draws(strata: Labels, *, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """How often each row is drawn when every class is drawn with replacement as often as it has rows.

    The counts belong to the rows, not to one version of the data: where both versions hold a row, both train
    on it equally often, and a row that one version dropped just falls out of its draw. What differs between
    the two trained models is then what differs between the data, and the luck of the draw cancels.

    Parameters
    ----------
    strata : (n,) int
        Class of each row; drawing within classes keeps a class of two rows in every draw.
    rng : Generator
        Decides the draw.

    Returns
    -------
    (n,) int, >= 0
        Number of times that each row is drawn; the counts of a class sum to its size.

    Source
    ------
    Efron, Tibshirani (1993), An Introduction to the Bootstrap, ch. 8 (stratified); common random numbers:
    Glasserman, Yao (1992), Management Science 38.

    Examples
    --------
    >>> counts = shared_draws(np.array([0, 0, 0, 1]), rng=np.random.default_rng(0))
    >>> int(counts[:3].sum()), int(counts[3])
    (3, 1)
    """
    counts = np.zeros(len(strata), dtype=np.int64)
    for stratum in np.unique(strata):
        rows = np.flatnonzero(strata == stratum)
        counts += np.bincount(rng.choice(rows, len(rows)), minlength=len(strata))
    return counts
