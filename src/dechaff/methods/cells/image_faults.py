"""Images that show hardly anything, or are unlike the others: dark, bright, blurred, of odd size or shape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
import numpy.typing as npt

from dechaff.typing import Axes, Numbers, Score

Measures = Annotated[npt.NDArray[np.float64], Axes("n d")]

MEASURES = ("width", "height", "low light", "high light", "sharpness", "entropy")
"""Of an image: pixels, pixels, 5th and 99th percentile of its brightness (0 to 1), variance of its Laplacian over that
of its brightness, entropy of its brightness in bits (256 levels)."""
DARK, BRIGHT, FEW_BITS = 0.32, 0.95, 3.0
NARROW, OTHER_SIZE = 0.35, 3.0
"""Shorter over longer side; how many times smaller or larger than the middle half of the images a side is."""
BLURRED, FEWER_BITS = 0.1, 0.5
"""Of the median of all images."""
COMMON = 0.5
"""What holds for more than this fraction of the images is their nature, and no fault."""


@dataclass(frozen=True)
class ImageFault:
    """One kind of fault: what such an image is, in words, and its severity (a score)."""

    name: str
    score: float


FAULTS = (
    ImageFault("too dark", 0.9),
    ImageFault("too bright", 0.85),
    ImageFault("almost empty", 0.8),
    ImageFault("blurred", 0.7),
    ImageFault("of odd shape", 0.6),
    ImageFault("of odd size", 0.5),
)
"""All kinds, the worst first: an image is flagged for the worst one found."""


def image_faults(measures: Measures) -> tuple[npt.NDArray[np.int64], Score]:
    """The worst fault of each image: too dark or bright, almost empty, blurred, of odd shape or size.

    Parameters
    ----------
    measures : (n, 6) float
        The `MEASURES` of each image; NaN for images that cannot be read.

    Returns
    -------
    kind : (n,) int
        Position in `FAULTS`, -1 for none.
    score : (n,) float from 0 to 1
        Its severity.

    Source
    ------
    The kinds and the bounds of darkness, brightness, entropy and shape are those of CleanVision (2023). Blur is the
    variance of the Laplacian (Pech-Pacheco et al., 2000, ICPR), which, like size and content, is compared with the
    other images, so that line drawings and thumbnails are not flagged.

    Examples
    --------
    >>> usual = [640, 480, 0.1, 0.9, 0.05, 7.0]
    >>> kind, _ = image_faults(np.array([usual, usual, usual, [640, 480, 0.0, 0.1, 0.05, 4.0]]))
    >>> [FAULTS[one].name if one >= 0 else "" for one in kind]
    ['', '', '', 'too dark']
    """
    width, height, low, high, sharpness, entropy = measures.T
    side, seen = np.sqrt(width * height), np.isfinite(width)
    first, third = np.quantile(side[seen], [0.25, 0.75]) if seen.any() else (0.0, 0.0)
    faulty = np.stack(
        [
            high < DARK,
            low > BRIGHT,
            (entropy < FEW_BITS) & (entropy < FEWER_BITS * _middle(entropy)),
            sharpness < BLURRED * _middle(sharpness),
            np.minimum(width, height) < NARROW * np.maximum(width, height),
            (side * OTHER_SIZE < first) | (side > OTHER_SIZE * third),
        ]
    )
    faulty &= (faulty.sum(axis=1) <= COMMON * seen.sum())[:, None]
    kind = np.where(faulty.any(axis=0), faulty.argmax(axis=0), -1)
    severity = np.array([*(fault.score for fault in FAULTS), 0.0])
    return kind, severity[kind]


def _middle(values: Numbers) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else 0.0
