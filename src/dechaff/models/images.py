"""Images as numbers: thumbnail colours and histograms of edge directions, read with pillow."""

from __future__ import annotations

import base64
import io
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from dechaff.core.table import Table
from dechaff.errors import DataError, MissingExtraError
from dechaff.models.model import GivenFeatures, Matrix

SIDE = 32
"""Images are resized to 32 x 32 pixels."""
CELL = 4
"""Edge directions are counted in cells of 4 x 4 pixels."""
DIRECTIONS = 9
BLUR = 4
"""Colours are averaged over 4 x 4 pixels."""
_BOX = 4
"""Pillow's number of the resampling that averages pixels (``Image.Resampling.BOX``)."""

_MEASURED_SIDE = 256
"""Larger images are measured at this size."""

T = TypeVar("T")


@dataclass(frozen=True)
class ImageEncoder:
    """Colours of an 8 x 8 thumbnail, and histograms of edge directions in 8 x 8 cells, standardised."""

    def fit(self, table: Table, features: GivenFeatures, n_classes: int, *, seed: int) -> tuple[ImageEncoding, Matrix]:
        """Mean and standard deviation of each feature; unreadable images get the mean."""
        column = table.of_kind("image")[0]
        raw = image_features(column.values)
        middle, spread = np.nanmean(raw, axis=0), np.nanstd(raw, axis=0)
        encoding = ImageEncoding(column.name, middle, np.where(spread > 1e-6, spread, np.inf))
        return encoding, encoding.scaled(raw)


@dataclass(frozen=True)
class ImageEncoding:
    """The image column, and mean and standard deviation (d,) of its features."""

    column: str
    middle: npt.NDArray[np.float64]
    spread: npt.NDArray[np.float64]

    def transform(self, table: Table, features: GivenFeatures) -> Matrix:
        """Rows (n, d) in float32."""
        return self.scaled(image_features(table[self.column].values))

    def scaled(self, raw: npt.NDArray[np.float64]) -> Matrix:
        """Standardised features; 0 for unreadable images."""
        return np.nan_to_num((raw - self.middle) / self.spread).astype(np.float32)


def image_features(paths: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Features (n, 768) of image files; NaN rows for files that cannot be read.

    Parameters
    ----------
    paths : (n,) str

    Raises
    ------
    DataError
        If no file can be read.
    MissingExtraError
        If pillow is not installed.

    Source
    ------
    Dalal, Triggs (2005), histograms of oriented gradients, CVPR. Differs: no overlapping blocks; the square root of
    each cell's histogram, scaled to length 1, replaces their normalisation.
    """
    pixels = [_opened(str(path), _shrunk)[0] for path in paths]
    width = 3 * (SIDE // BLUR) ** 2 + DIRECTIONS * (SIDE // CELL) ** 2
    found = np.full((len(pixels), width), np.nan)
    for row, picture in enumerate(pixels):
        if picture is not None:
            found[row] = np.concatenate([_colours(picture), _edges(picture.mean(axis=2))])
    if len(found) and np.isnan(found).all():
        raise DataError(f"None of the {len(paths)} image files can be read.", fix="Check the files of the folder.")
    return found


def image_fault(path: str) -> str:
    """Why a file cannot be read as an image, or ''; decoded at a small size if the format allows it."""
    if os.path.isfile(path) and not os.path.getsize(path):
        return "the file is empty"
    return _opened(path, _loaded)[1]


def image_measures(paths: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Width, height, low and high light, sharpness and entropy (n, 6) of image files; NaN rows for unreadable ones.

    Each row is of one file alone; `dechaff.methods.cells.image_faults` says what they mean.
    """
    found = (_opened(str(path), _measured)[0] for path in paths)
    rows = [(np.nan,) * 6 if one is None else one for one in found]
    return np.array(rows, dtype=np.float64).reshape(len(paths), 6)


def _measured(picture: Any) -> tuple[float, ...]:
    width, height = picture.size
    picture.draft("L", (_MEASURED_SIDE, _MEASURED_SIDE))
    grey = picture.convert("RGB").convert("L")  # by way of RGB, as palettes and 16 bits have no grey of their own
    grey.thumbnail((_MEASURED_SIDE, _MEASURED_SIDE), _BOX)
    light = np.asarray(grey, dtype=np.float64) / 255
    low, high = np.quantile(light, [0.05, 0.99])
    fractions = np.bincount((light * 255).round().astype(int).ravel()) / light.size
    entropy = -float(np.sum(fractions[fractions > 0] * np.log2(fractions[fractions > 0])))
    return width, height, float(low), float(high), _sharpness(light), entropy


def _sharpness(light: npt.NDArray[np.float64]) -> float:
    """Variance of the Laplacian over that of the brightness; NaN if there is nothing to be blurred."""
    if min(light.shape) < 3 or light.std() < 0.5 / 255:
        return np.nan
    inside = light[1:-1, 1:-1]
    edges = light[:-2, 1:-1] + light[2:, 1:-1] + light[1:-1, :-2] + light[1:-1, 2:] - 4 * inside
    return float(edges.var() / light.var())


def _opened(path: str, read: Callable[[Any], T]) -> tuple[T | None, str]:
    """The result of ``read`` on the open image and '', or None and the reason why it cannot be read."""
    try:
        from PIL import Image, UnidentifiedImageError
    except ImportError as error:
        raise MissingExtraError.of("pillow", "image", "to read images") from error
    try:
        with Image.open(path) as picture:
            return read(picture), ""
    except UnidentifiedImageError:
        return None, "the file is not a known image format"
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        # Decoders raise SyntaxError for a broken PNG; a header with a huge size is a sign of damage, too.
        reason = getattr(error, "strerror", None)
        return None, f"it cannot be opened ({reason})" if reason else f"the file is cut off or damaged ({error})"


def thumbnail(path: str, side: int) -> str:
    """An image of at most `side` x `side` pixels as the address of its own content (``data:image/jpeg;base64,…``).

    '' if the file cannot be read, or pillow is not installed: a report without thumbnails is a report.
    """
    with suppress(MissingExtraError):
        return _opened(path, partial(_as_address, side))[0] or ""
    return ""


def _as_address(side: int, picture: Any) -> str:
    from PIL import Image, ImageOps

    picture.draft("RGB", (2 * side, 2 * side))
    turned = ImageOps.exif_transpose(picture).convert("RGBA")
    turned.thumbnail((side, side))
    paper = Image.new("RGBA", turned.size, "white")
    stream = io.BytesIO()
    # A new image, so that nothing but pixels is written: no place, no name of a camera.
    Image.alpha_composite(paper, turned).convert("RGB").save(stream, "JPEG", quality=85)
    return f"data:image/jpeg;base64,{base64.b64encode(stream.getvalue()).decode()}"


def _loaded(picture: Any) -> None:
    picture.draft("RGB", (SIDE, SIDE))
    picture.convert("RGB")


def _shrunk(picture: Any) -> npt.NDArray[np.float64]:
    small = picture.convert("RGB").resize((SIDE, SIDE), _BOX)
    return np.asarray(small, dtype=np.float64) / 255


def _colours(picture: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    cells = SIDE // BLUR
    return np.asarray(picture.reshape(cells, BLUR, cells, BLUR, 3).mean(axis=(1, 3)).ravel())


def _edges(grey: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Histogram of edge directions per cell, weighted by gradient magnitude."""
    down, right = np.gradient(grey)
    strength = np.hypot(down, right)
    direction = (np.arctan2(down, right) % np.pi) / np.pi * DIRECTIONS
    bins = np.minimum(direction.astype(np.int64), DIRECTIONS - 1)
    rows, columns = np.indices(grey.shape) // CELL
    cells = SIDE // CELL
    places = (rows * cells + columns) * DIRECTIONS + bins
    histogram = np.bincount(places.ravel(), weights=strength.ravel(), minlength=cells * cells * DIRECTIONS)
    roots = np.sqrt(histogram.reshape(-1, DIRECTIONS))
    return np.asarray((roots / (np.linalg.norm(roots, axis=1, keepdims=True) + 0.1)).ravel())
