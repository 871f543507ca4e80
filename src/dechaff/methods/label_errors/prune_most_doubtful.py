"""The most doubtful rows by any score, as many as are thought to be wrong."""

from __future__ import annotations

from dechaff.core.top_rows import top_rows
from dechaff.typing import Mask, Score


def prune_most_doubtful(score: Score, *, n_rows: int) -> Mask:
    """Flags the `n_rows` rows of highest score.

    Parameters
    ----------
    score : (n,) float
        Higher = look first; such as `self_doubt` or `margin_doubt`.
    n_rows : int
        How many, such as the number that `prune_off_diagonal` flags.

    Returns
    -------
    (n,) bool

    Source
    ------
    cleanlab 2.9, the filters "low_self_confidence" and "low_normalized_margin". Differs: ties are broken by row.

    Examples
    --------
    >>> import numpy as np
    >>> prune_most_doubtful(np.array([0.1, 0.8, 0.8]), n_rows=1)
    array([False,  True, False])
    """
    return top_rows(score, n_rows)
