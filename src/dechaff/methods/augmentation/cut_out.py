"""Images with a square covered."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def cut_out(images: npt.NDArray[Any], strength: float, rng: np.random.Generator) -> npt.NDArray[Any]:
    """Images of which a square is replaced by their mean; it may stick out beyond the edge.

    Parameters
    ----------
    images : (n, h, w) or (n, h, w, channels)
    strength : float above 0
        Side of the square, as a fraction of the shorter side; at least one pixel.
    rng : Generator

    Returns
    -------
    Array of the same shape and type

    Source
    ------
    DeVries, Taylor (2017), Improved regularization of convolutional neural networks with cutout, arXiv 1708.04552.

    Examples
    --------
    >>> cut_out(np.arange(9).reshape(1, 3, 3), 0.3, np.random.default_rng(0)).tolist()
    [[[0, 1, 2], [3, 4, 5], [6, 4, 8]]]
    """
    n, height, width = images.shape[:3]
    side = max(1, round(strength * min(height, width)))
    top, left = rng.integers(0, height, n) - side // 2, rng.integers(0, width, n) - side // 2
    rows = (np.arange(height) >= top[:, None]) & (np.arange(height) < top[:, None] + side)
    columns = (np.arange(width) >= left[:, None]) & (np.arange(width) < left[:, None] + side)
    covered = (rows[:, :, None] & columns[:, None, :]).reshape(n, height, width, *[1] * (images.ndim - 3))
    mean = images.mean(axis=(1, 2), keepdims=True)
    filled = np.round(mean) if images.dtype.kind in "iu" else mean
    return np.where(covered, filled, images).astype(images.dtype)
