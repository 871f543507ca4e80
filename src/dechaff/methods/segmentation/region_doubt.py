"""Doubt in the pixels of one image by their neighbourhood, and in the image."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import numpy.typing as npt
from scipy.ndimage import uniform_filter

from dechaff.typing import Axes

Pixels = Annotated[npt.NDArray[np.float64], Axes("h w")]
WIDTH = 3
"""Side of the square of pixels that are judged together."""
MOST_ODDS = 8.0
"""Beyond it one pixel would decide for all around it."""
LEAST_ODDS = 1.0
"""Log-odds up to which a pixel does not count: at the borders of objects a model and an annotator differ by a pixel."""


def region_log_odds(log_odds: Pixels) -> Pixels:
    """Log-odds of each pixel's label being wrong: half by itself, half by the mean of the pixels around it.

    Labels of pixels are drawn in regions, and so are wrong ones; what a model is unsure of at a border is not.

    Parameters
    ----------
    log_odds : (h, w) float
        Of the pixels by themselves; minus infinity where there is no label.

    Returns
    -------
    (h, w) float
        Minus infinity stays.

    Source
    ------
    This library: a mean filter, as in Haralick, Shapiro (1985), image segmentation techniques.

    Examples
    --------
    >>> odds = np.full((5, 5), -4.0)
    >>> odds[1:4, 1:4] = 4
    >>> region_log_odds(odds).round(1)[2]
    array([-2.7,  2.7,  4. ,  2.7, -2.7])
    """
    judged = log_odds > -np.inf
    known = np.where(judged, np.clip(log_odds, -MOST_ODDS, MOST_ODDS), 0.0)
    total = uniform_filter(known, WIDTH, mode="nearest")
    weight = uniform_filter(judged.astype(np.float64), WIDTH, mode="nearest")
    around = total / np.maximum(weight, 1 / WIDTH**2)
    return np.where(judged, (known + around) / 2, -np.inf)


def image_doubt(log_odds: Pixels) -> float:
    """Doubt in an image, from the log-odds of its pixels: how many are likely wrong, and how surely.

    The mean square of the log-odds above `LEAST_ODDS`, as a fraction of the largest possible, 0 for an image without
    labels.

    Parameters
    ----------
    log_odds : (h, w) float
        Of the pixels by themselves; minus infinity where there is no label.

    Returns
    -------
    float in [0, 1]
        Higher = look at this image first.

    Source
    ------
    Lad, Mueller (2023), estimating label quality and errors in semantic segmentation data via any model, arXiv
    2307.05080, which compares scores of images. Differs: the amount of pixels that are likely wrong, weighted by how
    surely, instead of the soft minimum of their probabilities, which the border of one object can decide.

    Examples
    --------
    >>> image_doubt(np.array([[-3.0, -3.0], [8.0, 1.0]]))
    0.25
    """
    judged = log_odds > -np.inf
    excess = np.clip(log_odds[judged] - LEAST_ODDS, 0, MOST_ODDS - LEAST_ODDS) / (MOST_ODDS - LEAST_ODDS)
    return float((excess**2).mean()) if excess.size else 0.0
