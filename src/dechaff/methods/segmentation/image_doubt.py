"""Doubt in one image, from that in its pixels."""

from __future__ import annotations

import numpy as np

from dechaff.typing import Score

LIKELY = 0.7
"""Least doubt of a pixel that counts: at the borders of objects a model and an annotator differ by a pixel."""
POWER = 3
"""How much more sure doubts count than weak ones."""


def image_doubt(doubt: Score) -> float:
    """Doubt in an image: how many of its pixels are likely wrong, and how surely.

    The mean cube of the doubts above `LIKELY`, as a fraction of the largest possible.

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
    2307.05080, which compares scores of images. Differs: the amount of pixels that are likely wrong, weighted by how
    surely, instead of the soft minimum of their probabilities, which the border of one object can decide.

    Examples
    --------
    >>> image_doubt(np.array([0.1, 0.1, 1.0, 0.7]))
    0.25
    """
    excess = np.clip((doubt - LIKELY) / (1 - LIKELY), 0, 1)
    return float((excess**POWER).mean()) if excess.size else 0.0
