"""Images moved, cropped and rotated: pixels taken from elsewhere, between pixels by linear interpolation."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.typing import Figures


def shift(images: npt.NDArray[Any], strength: float, rng: np.random.Generator) -> npt.NDArray[Any]:
    """Images moved by whole pixels; the pixels of the edge fill the gap.

    Parameters
    ----------
    images : (n, h, w) or (n, h, w, channels)
    strength : float above 0
        Farthest move, as a fraction of each side; at least one pixel.
    rng : Generator

    Returns
    -------
    Array of the same shape and type

    Source
    ------
    Simard, Steinkraus, Platt (2003), Best practices for convolutional neural networks, ICDAR: translations.

    Examples
    --------
    >>> shift(np.array([[[0, 0, 0], [0, 9, 0], [0, 0, 0]]]), 0.1, np.random.default_rng(2))[0].tolist()
    [[0, 0, 0], [0, 0, 0], [9, 0, 0]]
    """
    n, height, width = images.shape[:3]
    moves = [rng.integers(-far, far + 1, n) for far in (max(1, round(strength * side)) for side in (height, width))]
    rows = np.clip(np.arange(height) - moves[0][:, None], 0, height - 1)
    columns = np.clip(np.arange(width) - moves[1][:, None], 0, width - 1)
    return np.asarray(images[np.arange(n)[:, None, None], rows[:, :, None], columns[:, None, :]])


def crop(images: npt.NDArray[Any], strength: float, rng: np.random.Generator) -> npt.NDArray[Any]:
    """Random parts of the images, enlarged to the size of the image.

    Parameters, result as in `shift`; `strength`, below 1, is the largest fraction of each side that is cut off.

    Source
    ------
    Szegedy et al. (2015), Going deeper with convolutions, CVPR, section 6. Differs: the proportions of the sides stay.

    Examples
    --------
    >>> crop(np.arange(9.0).reshape(1, 3, 3), 0.5, np.random.default_rng(0))[0].round(1).tolist()
    [[0.5, 1.2, 1.9], [2.6, 3.3, 3.9], [4.6, 5.3, 6.0]]
    """
    n = len(images)
    part = 1 - strength * rng.random(n)
    turned = np.zeros((n, 2, 2))
    turned[:, 0, 0] = turned[:, 1, 1] = part
    return _warped(images, turned, (1 - part)[:, None] * rng.uniform(-0.5, 0.5, (n, 2)))


def rotation(images: npt.NDArray[Any], strength: float, rng: np.random.Generator) -> npt.NDArray[Any]:
    """Images rotated about their centre.

    Parameters, result as in `shift`; `strength` is the largest angle, as a fraction of a quarter turn.

    Source
    ------
    Simard, Steinkraus, Platt (2003), Best practices for convolutional neural networks, ICDAR: rotations.

    Examples
    --------
    >>> rotation(np.eye(3)[None], 0.5, np.random.default_rng(0))[0].round(1).tolist()
    [[0.8, 0.2, 0.0], [0.0, 1.0, 0.0], [0.0, 0.2, 0.8]]
    """
    angles = rng.uniform(-1, 1, len(images)) * strength * np.pi / 2
    turned = np.stack([np.cos(angles), -np.sin(angles), np.sin(angles), np.cos(angles)], axis=1).reshape(-1, 2, 2)
    return _warped(images, turned, np.zeros((len(images), 2)))


def _warped(images: npt.NDArray[Any], turned: npt.NDArray[np.float64], moved: Figures) -> npt.NDArray[Any]:
    """Each image seen through a linear map about its centre, (n, 2, 2), and a move (n, 2) in sides."""
    n, height, width = images.shape[:3]
    half = np.array([(height - 1) / 2, (width - 1) / 2])
    grid = np.stack(np.meshgrid(np.arange(height), np.arange(width), indexing="ij"), axis=-1) - half
    places = np.einsum("nij,hwj->nhwi", turned, grid) + half + moved[:, None, None] * 2 * half
    places = np.clip(places, 0, 2 * half)
    low = np.minimum(places.astype(np.int64), [max(height - 2, 0), max(width - 2, 0)])
    far = (places - low).reshape(*places.shape[:3], *[1] * (images.ndim - 3), 2)
    y, x, row = low[..., 0], low[..., 1], np.arange(n)[:, None, None]
    below, right = np.minimum(y + 1, height - 1), np.minimum(x + 1, width - 1)
    down, across = far[..., 0], far[..., 1]
    top = images[row, y, x] * (1 - across) + images[row, y, right] * across
    bottom = images[row, below, x] * (1 - across) + images[row, below, right] * across
    return _as_stored(top * (1 - down) + bottom * down, images)


def _as_stored(pixels: npt.NDArray[np.float64], images: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return (np.round(pixels) if images.dtype.kind in "iu" else pixels).astype(images.dtype)
