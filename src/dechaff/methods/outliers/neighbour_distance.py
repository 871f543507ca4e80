"""Distance of a row from its nearest rows, as an outlier score."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dechaff.typing import Numbers, Score

ROUNDING = 1.5e-7
"""Mean distances below it are what rounding leaves of copies: the root of 100 times the smallest step of doubles."""


def distance_doubt(distance: Numbers, *, usual: float, sharpness: float = 1.0) -> Score:
    """Doubt that a row belongs to the others, from its mean distance to the nearest of them.

    Parameters
    ----------
    distance : (n,) float, at least 0
        Mean distance to the k nearest rows.
    usual : such a distance in the middle of the data, such as the median of the training rows
    sharpness : how fast the doubt grows with the distance.

    Returns
    -------
    (n,) float in [0, 1]
        Higher = look at this row first; .63 at the usual distance; 0 for rows with k copies.

    Source
    ------
    Angiulli, Pizzuti (2002), Fast outlier detection in high dimensional spaces, PKDD, the mean instead of the sum;
    Kuan, Mueller (2022), Back to the basics, arXiv 2207.03061, for the scale.

    Examples
    --------
    >>> distance_doubt(np.array([0.0, 1.0, 5.0]), usual=1.0).round(3)
    array([0.   , 0.632, 0.993])
    """
    scaled = np.divide(distance, usual, out=np.full(distance.shape, np.inf), where=np.full(distance.shape, usual > 0))
    return np.asarray(np.where(distance < ROUNDING, 0.0, -np.expm1(-sharpness * scaled)))


def usual_distance(distance: npt.NDArray[np.float64]) -> float:
    """The median; 0 if there are no rows."""
    return float(np.median(distance)) if len(distance) else 0.0
