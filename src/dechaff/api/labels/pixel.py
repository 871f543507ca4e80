"""``find_pixel_errors``: which pixels of segmented images are labelled wrongly, and which images to review first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from dechaff.api.labels.item_result import SHOWN, in_html
from dechaff.api.labels.names import RowNames
from dechaff.checks import check_count, check_probs
from dechaff.errors import InputError
from dechaff.methods.label_errors.label_scores import margin_doubt
from dechaff.methods.segmentation.image_doubt import LIKELY, image_doubt
from dechaff.typing import Rows, Score


@dataclass(frozen=True)
class ImagePixels:
    """What is wrong with the pixels of one image.

    Examples
    --------
    See `find_pixel_errors`; ``found.pixels(0)`` is one.
    """

    score: npt.NDArray[np.float64]
    """(h, w) doubt in each label, from 0 to 1; 0 without a label. Higher = look at this first."""
    suggested: npt.NDArray[np.int64]
    """(h, w) the class that the model prefers."""

    @property
    def flag(self) -> npt.NDArray[np.bool_]:
        """(h, w) bool, pixels whose label is likely wrong."""
        return np.asarray(self.score > LIKELY)


@dataclass(frozen=True, repr=False, kw_only=True)
class PixelErrors:
    """What is wrong with the pixels of n images. Pixels are computed anew for each image, so that memory is constant.

    Examples
    --------
    See `find_pixel_errors`, which returns one.
    """

    names: RowNames = field(repr=False)
    labels: Any = field(repr=False)
    probs: Any = field(repr=False)
    ignore: int | None
    score: Score = field(repr=False)
    """(n,) doubt in each image; higher = look at this image first."""
    flagged: npt.NDArray[np.int64] = field(repr=False)
    """(n,) number of flagged pixels."""
    n_pixels: npt.NDArray[np.int64] = field(repr=False)
    """(n,) number of pixels with a label."""
    class_names: list[Any]

    @property
    def ranked(self) -> Rows:
        """(n,) positions of the images, the most doubtful first."""
        return np.argsort(-self.score, kind="stable")

    def pixels(self, image: int) -> ImagePixels:
        """Score, flag and suggestion of every pixel of the image in that position."""
        return _judged(self.labels, self.probs, image, len(self.class_names), self.ignore)[0]

    def worst(self, n: int = 20) -> pl.DataFrame:
        """The n most doubtful images: score, flagged pixels and all pixels with a label."""
        rows = self.ranked[: check_count("n", n)]
        columns = {"score": self.score[rows], "flagged": self.flagged[rows], "pixels": self.n_pixels[rows]}
        return pl.DataFrame({"image": self.names.named(rows).tolist(), **columns})

    def __len__(self) -> int:
        return len(self.score)

    def __repr__(self) -> str:
        pixels = f"{int(self.flagged.sum()):,} of {int(self.n_pixels.sum()):,} pixels flagged"
        return f"<PixelErrors: {pixels}, in {int((self.flagged > 0).sum()):,} of {len(self):,} images>"

    def _repr_html_(self) -> str:
        return in_html(repr(self)[1:-1], self.worst(SHOWN))


def find_pixel_errors(
    labels: Any,
    probs: Any,
    *,
    class_names: Sequence[Any] | None = None,
    ignore: int | None = None,
    ids: Any = None,
) -> PixelErrors:
    """The pixels whose label is probably wrong, and the images to review first.

    A pixel is doubted by how much more probable another class is than the given one; an image by its most
    doubtful pixels. One image is in memory at a time. Errors of pixels come in regions, a few of them
    per data set, too few to estimate which classes are confused: no noise matrix is fitted.

    Parameters
    ----------
    labels : (n, h, w) int from 0 to k-1, or a sequence of n arrays (h, w)
        Given labels; may be wrong. Memory maps and anything else with a length and items are read image by image.
    probs : (n, k, h, w) float, or a sequence of n arrays (k, h, w); sum to 1 over the classes
        Out-of-sample probabilities.
    class_names : k names, default 0 … k-1
    ignore : the label of pixels that have none, such as 255
    ids : (n,) names of the images, default their positions

    Returns
    -------
    PixelErrors

    Raises
    ------
    InputError
        If the numbers or the sizes of images differ, a label has no column, or a pixel has no distribution.

    Source
    ------
    This library, after Lad, Mueller (2023); see ``margin_doubt`` and ``image_doubt``.

    Examples
    --------
    >>> import dechaff, numpy as np
    >>> labels = np.zeros((20, 8, 8), dtype=int)
    >>> labels[:, :, 4:] = 1
    >>> probs = np.stack([0.9 - 0.8 * labels, 0.1 + 0.8 * labels], axis=1)
    >>> labels[3, :4, 4:] = 0
    >>> found = dechaff.labels.find_pixel_errors(labels, probs)
    >>> int(found.ranked[0]), bool(found.pixels(3).flag[:3, 5:].all()), int(found.flagged[4])
    (3, True, 0)
    """
    n = len(labels)
    if len(probs) != n:
        fix = "Pass both for the same images, in the same order."
        raise InputError("labels and probs", "have the same images", f"{n} and {len(probs)}", fix)
    k = len(class_names) if class_names is not None else (int(np.shape(probs[0])[0]) if n else 2)
    score, flagged, n_pixels = np.zeros(n), np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    for place in range(n):
        pixels, there = _judged(labels, probs, place, k, ignore)
        score[place], flagged[place] = image_doubt(pixels.score[there]), pixels.flag.sum()
        n_pixels[place] = there.sum()
    return PixelErrors(
        names=RowNames.of(n, ids=ids),
        labels=labels,
        probs=probs,
        ignore=ignore,
        score=score,
        flagged=flagged,
        n_pixels=n_pixels,
        class_names=list(range(k)) if class_names is None else list(class_names),
    )


def _judged(
    labels: Any, probs: Any, place: int, k: int, ignore: int | None
) -> tuple[ImagePixels, npt.NDArray[np.bool_]]:
    """The pixels of an image, and which of them have a label."""
    given, seen = np.asarray(labels[place]), np.asarray(probs[place])
    if given.ndim != 2 or given.dtype.kind not in "iu" or seen.shape != (k, *given.shape):
        found = f"labels of shape {given.shape} and {given.dtype}, probs of shape {seen.shape}"
        fix = "Pass labels (h, w) of whole numbers and probs (k, h, w) of each image."
        raise InputError(f"image {place}", f"have labels (h, w) and probs ({k}, h, w)", found, fix)
    there = np.ones(given.shape, dtype=bool) if ignore is None else given != ignore
    bad = there & ((given < 0) | (given >= k))
    if bad.any():
        y, x = np.argwhere(bad)[0].tolist()
        fix = "Pass ignore= the label of pixels that have none."
        raise InputError(f"image {place}", f"have labels from 0 to {k - 1}", f"{given[y, x]} at pixel ({y}, {x})", fix)
    chances = check_probs(seen.reshape(k, -1).T.astype(np.float64), name=f"probs[{place}]")
    doubt = np.zeros(given.shape)
    doubt[there] = margin_doubt(given[there].astype(np.int64), chances[there.ravel()])
    return ImagePixels(doubt, chances.argmax(axis=1).reshape(given.shape)), there
