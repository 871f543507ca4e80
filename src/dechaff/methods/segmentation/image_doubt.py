"""Doubt in one image, from that in its pixels."""

from __future__ import annotations

import numpy as np

from dechaff.typing import Score

LIKELY = 0.7
"""Least doubt of a pixel that is flagged: at the borders of objects a model and an annotator differ by a pixel."""
WORST = 1 / 200
"""Fraction of the pixels, the most doubtful ones, that decide: borders are long, but nowhere as sure as an error."""
FEWEST_PIXELS = 10
"""Pixels that decide in a small image: one alone may be noise of the model."""


def image_doubt(doubt: Score) -> float:
    """Doubt in an image: the mean doubt in its most doubtful pixels, one in 200 and at least ten.

    Parameters
    ----------
    doubt : (n,) float in [0, 1]
        Of the pixels with a label, such as ``margin_doubt``.

    Returns
    -------
    float in [0, 1]
        Higher = look at this image first; 0 for an image without labels.

    Source
    ------
    Lad, Mueller (2023), estimating label quality and errors in semantic segmentation data via any model, arXiv
    2307.05080, which compares scores of images. Differs: the mean of a fixed fraction instead of the soft minimum over
    all pixels, in which many slightly doubtful pixels count as much as few sure errors.

    Examples
    --------
    >>> round(image_doubt(np.repeat([0.9, 0.1], [10, 990])), 3)
    0.9
    """
    if not doubt.size:
        return 0.0
    worst = min(max(int(WORST * doubt.size), FEWEST_PIXELS), doubt.size)
    return float(np.partition(doubt, doubt.size - worst)[-worst:].mean())
