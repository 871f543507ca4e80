"""The chance that an ordinary row would score as high: by counting the scores of rows that are known to be ordinary."""

from __future__ import annotations

import numpy as np

from dechaff.typing import Figures, Numbers


def conformal_p_values(scores: Numbers, ordinary: Figures) -> Numbers:
    """How rare each score is among ordinary rows that were not used to make the score.

    Parameters
    ----------
    scores : (n,) float
        Higher = more odd.
    ordinary : (m,) float
        Scores of ordinary rows, made in the same way: by models that did not see the row either.

    Returns
    -------
    (n,) float in (0, 1]
        For an ordinary row, at most t with a chance of at most t.

    Source
    ------
    Vovk, Gammerman, Shafer (2005), Algorithmic Learning in a Random World, equation 2.20; for outliers Bates, Candès,
    Lei, Romano, Sesia (2023), Annals of Statistics 51, equation 3.

    Examples
    --------
    >>> conformal_p_values(np.array([0.5, 9.0]), np.array([0.1, 0.4, 0.7])).tolist()
    [0.5, 0.25]
    """
    known = np.sort(ordinary)
    higher = len(known) - np.searchsorted(known, scores, side="left")
    return np.asarray((1 + higher) / (1 + len(known)))
