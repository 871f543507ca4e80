"""Images made brighter or darker, and with more or less contrast."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def colour(images: npt.NDArray[Any], strength: float, rng: np.random.Generator) -> npt.NDArray[Any]:
    """Images with other brightness, contrast and, of colour images, saturation.

    Parameters
    ----------
    images : (n, h, w) or (n, h, w, channels)
    strength : float from 0 to 1
        Each of the three is multiplied by a number from 1 - strength to 1 + strength.
    rng : Generator

    Returns
    -------
    Array of the same shape and type
        Within the lowest and highest number of all images.

    Source
    ------
    Howard (2013), Some improvements on deep convolutional neural network based image classification, arXiv 1312.5402,
    section 3: brightness, contrast and colour.

    Examples
    --------
    >>> colour(np.array([[[0.0, 4.0], [8.0, 10.0]]]), 0.2, np.random.default_rng(0)).round(1).tolist()
    [[[0.5, 4.4], [8.2, 10.0]]]
    """
    flat = (len(images), *[1] * (images.ndim - 1))
    bright, contrast, saturation = (rng.uniform(1 - strength, 1 + strength, flat) for _ in range(3))
    pixels = images * bright
    middle = pixels.mean(axis=tuple(range(1, images.ndim)), keepdims=True)
    pixels = middle + (pixels - middle) * contrast
    if images.ndim == 4:
        grey = pixels.mean(axis=3, keepdims=True)
        pixels = grey + (pixels - grey) * saturation
    pixels = np.clip(pixels, images.min(), images.max())
    return np.asarray(np.round(pixels) if images.dtype.kind in "iu" else pixels).astype(images.dtype)
