"""``find_pixel_errors``: which pixels of segmented images are labelled wrongly, and which images to review first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from dechaff.api.labels.estimates import Estimate
from dechaff.api.labels.names import RowNames
from dechaff.checks import check_count, check_seed_and_threads
from dechaff.errors import InputError
from dechaff.methods.label_errors.estimates_of_rows import error_odds_of
from dechaff.methods.label_errors.label_error_estimates import LabelErrorEstimates, estimate_label_errors
from dechaff.methods.segmentation.region_doubt import image_doubt, region_log_odds
from dechaff.typing import Labels, Probs, Rows, Score

SAMPLED_PIXELS, SAMPLED_IMAGES = 50_000, 500
"""Most pixels, and images that they are drawn from, that the noise is estimated from."""


@dataclass(frozen=True)
class ImagePixels:
    """What is wrong with the pixels of one image.

    Examples
    --------
    See `find_pixel_errors`; ``found.pixels(0)`` is one.
    """

    by_itself: npt.NDArray[np.float64]
    """(h, w) log-odds of each label being wrong, by its pixel alone; -inf without a label."""
    suggested: npt.NDArray[np.int64]
    """(h, w) the most probable other class."""

    @property
    def log_odds(self) -> npt.NDArray[np.float64]:
        """(h, w) log-odds of the label being wrong, by the pixel and those around it; -inf without a label."""
        return region_log_odds(self.by_itself)

    @property
    def score(self) -> npt.NDArray[np.float64]:
        """(h, w) the same from 0 to 1; higher = look at this first."""
        return np.asarray(1 / (1 + np.exp(-self.log_odds)))

    @property
    def flag(self) -> npt.NDArray[np.bool_]:
        """(h, w) bool, pixels that are more likely wrong than right."""
        return np.asarray(self.log_odds > 0)


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
    judged: LabelErrorEstimates = field(repr=False)
    """The noise, from a sample of pixels."""
    score: Score = field(repr=False)
    """(n,) doubt in each image; higher = look at this image first."""
    flagged: npt.NDArray[np.int64] = field(repr=False)
    """(n,) number of flagged pixels."""
    n_pixels: npt.NDArray[np.int64] = field(repr=False)
    """(n,) number of pixels with a label."""
    class_names: list[Any]

    @property
    def noise_rate(self) -> Estimate:
        """Fraction of wrong pixels, with its 95 % interval, each judged by itself."""
        return Estimate(float(self.judged.rate), float(self.judged.rate_low), float(self.judged.rate_high))

    @property
    def ranked(self) -> Rows:
        """(n,) positions of the images, the most doubtful first."""
        return np.argsort(-self.score, kind="stable")

    def pixels(self, image: int) -> ImagePixels:
        """Score, flag and suggestion of every pixel of the image in that position."""
        return _judged_pixels(self.judged, *_image(self.labels, self.probs, image, len(self.class_names), self.ignore))

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


def find_pixel_errors(
    labels: Any,
    probs: Any,
    *,
    class_names: Sequence[Any] | None = None,
    ignore: int | None = None,
    ids: Any = None,
    seed: int = 0,
) -> PixelErrors:
    """The pixels whose label is probably wrong, and the images to review first.

    The noise is estimated from a sample of pixels as in `find_label_errors`; then each image is judged by itself, and
    each pixel together with those around it. One image is in memory at a time.

    Parameters
    ----------
    labels : (n, h, w) int from 0 to k-1, or a sequence of n arrays (h, w)
        Given labels; may be wrong. Memory maps and anything else with a length and items are read image by image.
    probs : (n, k, h, w) float, or a sequence of n arrays (k, h, w); sum to 1 over the classes
        Out-of-sample probabilities.
    class_names : k names, default 0 … k-1
    ignore : the label of pixels that have none, such as 255
    ids : (n,) names of the images, default their positions
    seed : decides which pixels are sampled.

    Returns
    -------
    PixelErrors

    Raises
    ------
    InputError
        If the numbers or the sizes of images differ, a label has no column, or a pixel has no distribution.

    Source
    ------
    This library, after Lad, Mueller (2023); see ``region_log_odds`` and ``image_doubt``.

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
    check_seed_and_threads(seed, None)
    n = len(labels)
    if len(probs) != n:
        fix = "Pass both for the same images, in the same order."
        raise InputError("labels and probs", "have the same images", f"{n} and {len(probs)}", fix)
    k = len(class_names) if class_names is not None else (int(np.shape(probs[0])[0]) if n else 2)
    judged = estimate_label_errors(*_sampled(labels, probs, k, ignore, seed))
    score, flagged, n_pixels = np.zeros(n), np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    for place in range(n):
        found = _judged_pixels(judged, *_image(labels, probs, place, k, ignore))
        score[place], flagged[place] = image_doubt(found.by_itself), found.flag.sum()
        n_pixels[place] = (found.by_itself > -np.inf).sum()
    return PixelErrors(
        names=RowNames.of(n, ids=ids),
        labels=labels,
        probs=probs,
        ignore=ignore,
        judged=judged,
        score=score,
        flagged=flagged,
        n_pixels=n_pixels,
        class_names=list(range(k)) if class_names is None else list(class_names),
    )


def _image(
    labels: Any, probs: Any, place: int, k: int, ignore: int | None
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_], Probs]:
    """Labels (h, w), which of them are there, and the probabilities (pixels, k) of all pixels."""
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
    return given.astype(np.int64), there, seen.reshape(k, -1).T.astype(np.float64)


def _judged_pixels(
    judged: LabelErrorEstimates, given: npt.NDArray[np.int64], there: npt.NDArray[np.bool_], seen: Probs
) -> ImagePixels:
    log_odds, suggested = np.full(given.shape, -np.inf), seen.argmax(axis=1).reshape(given.shape)
    log_odds[there], suggested[there] = error_odds_of(judged, given[there], seen[there.ravel()])
    return ImagePixels(log_odds, suggested)


def _sampled(labels: Any, probs: Any, k: int, ignore: int | None, seed: int) -> tuple[Labels, Probs]:
    """As many pixels of each of some images, all of them if there are few."""
    n, rng = len(labels), np.random.default_rng(seed)
    images = np.sort(rng.permutation(n)[:SAMPLED_IMAGES])
    codes, rows = [np.zeros(0, dtype=np.int64)], [np.zeros((0, k))]
    for place in images.tolist():
        given, there, seen = _image(labels, probs, place, k, ignore)
        pixels = np.flatnonzero(there)
        most = SAMPLED_PIXELS // len(images)
        pixels = pixels if len(pixels) <= most else np.sort(rng.choice(pixels, most, replace=False))
        codes.append(given.ravel()[pixels])
        rows.append(seen[pixels])
    return np.concatenate(codes), np.concatenate(rows)
