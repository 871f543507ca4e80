"""How often a column is selected again on other halves of the rows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from dechaff.typing import Figures


def selection_frequency(
    select: Callable[[npt.NDArray[np.int64]], npt.NDArray[np.bool_]], n_rows: int, *, pairs: int = 10, seed: int = 0
) -> Figures:
    """The fraction of random halves of the rows on which each column is selected.

    Parameters
    ----------
    select : called with positions of rows (m,); returns the selected columns as (d,) bool
    n_rows : n
    pairs : the rows are cut into two halves so many times
    seed : of the halves

    Returns
    -------
    (d,) float in [0, 1]

    Source
    ------
    Meinshausen, Bühlmann (2010), Stability selection, JRSS B 72; halves in complementary pairs: Shah, Samworth (2013),
    JRSS B 75.

    Examples
    --------
    >>> values = np.random.default_rng(0).normal(1, 1, size=(100, 2)) * [1, 0]
    >>> selection_frequency(lambda rows: values[rows].mean(axis=0) > 0.5, 100)
    array([1., 0.])
    """
    random = np.random.default_rng(seed)
    chosen = []
    for _ in range(pairs):
        order = random.permutation(n_rows)
        chosen += [select(np.sort(half)) for half in (order[: n_rows // 2], order[n_rows // 2 :])]
    return np.asarray(np.mean(chosen, axis=0))
