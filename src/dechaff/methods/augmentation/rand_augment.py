"""Images changed by operations that RandAugment of torchvision draws. The only file that imports torchvision."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.core.torch_extra import imported_torch
from dechaff.errors import InputError, MissingExtraError

_STRONGEST = 30
"""Magnitudes of torchvision go from 0 to this."""
_CHANNELS = (1, 3)


def rand_augment(images: npt.NDArray[Any], strength: float, rng: np.random.Generator) -> npt.NDArray[Any]:
    """Images with two operations each that are drawn at random: colours, contrast, rotation, shear, shift and others.

    Parameters
    ----------
    images : (n, h, w), or (n, h, w, channels) with one or three channels
    strength : float from 0 to 1
        Magnitude of the operations as a fraction of the largest one.
    rng : Generator

    Returns
    -------
    Array of the same shape and type
        Numbers between the lowest and the highest one of all images, in 256 steps.

    Raises
    ------
    MissingExtraError
        If torchvision is not installed.
    InputError
        If images have another number of channels.

    Source
    ------
    Cubuk, Zoph, Shlens, Le (2020), RandAugment: Practical automated data augmentation with a reduced search space,
    NeurIPS; the code is torchvision's.
    """
    transforms, torch = _transforms(), imported_torch()
    pixels = images[..., None] if images.ndim == 3 else images
    if pixels.shape[3] not in _CHANNELS:
        fix = "Pass grey or RGB images, or other operations."
        raise InputError("the images", "have one or three channels for RandAugment", str(pixels.shape[3]), fix)
    low, high = float(images.min()), float(images.max())
    scale = 255 / ((high - low) or 1.0)
    bytes_of = np.round((pixels - low) * scale).astype(np.uint8).transpose(0, 3, 1, 2)
    change = transforms.RandAugment(magnitude=round(strength * _STRONGEST), num_magnitude_bins=_STRONGEST + 1)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(rng.integers(2**31 - 1)))
        made = [change(torch.from_numpy(np.ascontiguousarray(one))).numpy() for one in bytes_of]
    found = np.stack(made).transpose(0, 2, 3, 1).reshape(images.shape) / scale + low if made else images
    found = np.clip(found, low, high)
    return np.asarray(np.round(found) if images.dtype.kind in "iu" else found).astype(images.dtype)


def has_torchvision() -> bool:
    """Whether it is installed."""
    return find_spec("torch") is not None and find_spec("torchvision") is not None


def _transforms() -> Any:
    try:
        from torchvision import transforms
    except ImportError as absent:
        message = "The package torchvision, which is needed for RandAugment, is not installed."
        raise MissingExtraError(message, fix="Install it with: pip install torchvision") from absent
    return transforms
