"""Images flipped."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def flip_left_right(images: npt.NDArray[Any], strength: float, rng: np.random.Generator) -> npt.NDArray[Any]:
    """Images mirrored left to right: for things that have no side, not for characters.

    Parameters
    ----------
    images : (n, h, w) or (n, h, w, channels)
    strength : float
        Probability that an image is flipped.
    rng : Generator

    Returns
    -------
    Array of the same shape

    Source
    ------
    Krizhevsky, Sutskever, Hinton (2012), ImageNet classification with deep convolutional neural networks, NeurIPS,
    section 4.1.

    Examples
    --------
    >>> flip_left_right(np.array([[[1, 2], [3, 4]]]), 1.0, np.random.default_rng(0)).tolist()
    [[[2, 1], [4, 3]]]
    """
    return _some(images, images[:, :, ::-1], strength, rng)


def flip_top_bottom(images: npt.NDArray[Any], strength: float, rng: np.random.Generator) -> npt.NDArray[Any]:
    """Images mirrored top to bottom: for pictures taken from above. Parameters and result as in `flip_left_right`.

    Source
    ------
    As `flip_left_right`; both axes are usual for images of tissue and from satellites.

    Examples
    --------
    >>> flip_top_bottom(np.array([[[1, 2], [3, 4]]]), 1.0, np.random.default_rng(0)).tolist()
    [[[3, 4], [1, 2]]]
    """
    return _some(images, images[:, ::-1], strength, rng)


def _some(
    images: npt.NDArray[Any], flipped: npt.NDArray[Any], strength: float, rng: np.random.Generator
) -> npt.NDArray[Any]:
    chosen = rng.random(len(images)) < strength
    return np.where(chosen.reshape(-1, *[1] * (images.ndim - 1)), flipped, images)
