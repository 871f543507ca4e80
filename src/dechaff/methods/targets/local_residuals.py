"""How far each target is from its prediction, measured by what is usual for predictions of that size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dechaff.checks import check_same_length
from dechaff.typing import Numbers

ROWS_A_BIN = 100
MOST_BINS = 20
FEWEST_VALUES = 2
NORMAL = 1.4826
"""Median absolute residual of a normal distribution -> its standard deviation."""
_TINY = 1e-9
_KERNEL = np.array([0.25, 0.5, 0.25])


@dataclass(frozen=True)
class LocalResiduals:
    """Residuals of n rows and the size that is usual where each row is."""

    centre: Numbers
    """The prediction, moved to the middle of the targets that have predictions like it."""
    residual: Numbers
    """Target minus centre."""
    scale: Numbers
    """Usual size of the residual near this prediction (robust standard deviation)."""
    overall: float
    """The same over all rows."""
    step: float
    """Usual distance between neighbouring targets if they are whole numbers or multiples of a step; else 0."""


def local_residuals(targets: Numbers, predictions: Numbers) -> LocalResiduals:
    """Residuals, and their usual size near each predicted value.

    Rows are put in order of their prediction and cut into at most twenty parts; the median and the median absolute
    residual of each part, joined by straight lines, are the centre and the scale. Medians hold while less than half
    of a part is wrong. A model trained on targets that are wrong in part predicts values drawn to the mean; the
    centre takes that back. A scale is never below the usual step between targets that differ: whole numbers are
    never nearer to a prediction than rounding lets them be.

    Parameters
    ----------
    targets : (n,) float
        Given targets, finite; may be wrong.
    predictions : (n,) float
        Out-of-fold predictions, finite.

    Source
    ------
    Hampel (1974), JASA 69, the median absolute deviation, over parts of the rows in order of their prediction.

    Examples
    --------
    >>> found = local_residuals(np.array([1.0, 2.5, 3.0, 3.5, 9.0]), np.array([1.0, 2.0, 3.0, 4.0, 5.0]))
    >>> found.residual, round(found.overall, 2)
    (array([ 0. ,  0.5,  0. , -0.5,  4. ]), 0.74)
    """
    check_same_length(targets=targets, predictions=predictions)
    if not len(targets):
        return LocalResiduals(targets, targets, targets, 0.0, 0.0)
    raw, n_parts = targets - predictions, int(np.clip(len(targets) // ROWS_A_BIN, 1, MOST_BINS))
    parts = np.array_split(np.argsort(predictions, kind="stable"), n_parts)
    places = np.array([np.median(predictions[part]) for part in parts])
    middles = np.array([np.median(raw[part]) for part in parts])
    step = usual_step(targets)
    least = max(step, _TINY * float(np.abs(targets).max()), float(np.finfo(float).tiny))
    sizes = np.array([_size(raw[part] - middle) for part, middle in zip(parts, middles, strict=True)])
    centre = predictions + np.interp(predictions, places, middles)
    residual = targets - centre
    return LocalResiduals(
        centre=centre,
        residual=residual,
        scale=np.interp(predictions, places, _smoothed(np.maximum(sizes, least))),
        overall=max(_size(residual), least),
        step=step,
    )


def usual_step(targets: Numbers) -> float:
    """Median distance between neighbouring values that occur twice or more; 0 where most values occur once."""
    values, counts = np.unique(targets, return_counts=True)
    common = counts > 1  # a wrong target may lie between the whole numbers
    if common.sum() < FEWEST_VALUES or 2 * counts[common].sum() < len(targets):
        return 0.0
    return float(np.median(np.diff(values[common])))


def _size(residual: Numbers) -> float:
    return float(NORMAL * np.median(np.abs(residual)))


def _smoothed(sizes: Numbers) -> Numbers:
    """Each part's size drawn half-way to its neighbours', on the scale of ratios: a median of 100 rows is rough."""
    padded = np.log(np.concatenate([sizes[:1], sizes, sizes[-1:]]))
    return np.asarray(np.exp(np.convolve(padded, _KERNEL, mode="valid")))
