"""Which candidates tell something that a model does not know yet."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from dechaff.core.codes import factorize
from dechaff.core.table import Column
from dechaff.typing import Probs

_CLIP = 6.0
_FEWEST = 5
"""Rows of a category; the rarer ones count as one."""


def residual_score(columns: Sequence[Column], residuals: Probs, known: Sequence[Column] = ()) -> float:
    """How much the columns of a feature tell of the residuals of a model, in standard deviations of chance.

    Parameters
    ----------
    columns : of the feature, n rows each
    residuals : (n, k) label minus out-of-fold probability, for each class
    known : numbers that the feature is made of: what is linear in them is not new
    """
    return max((_score(column, residuals, known) for column in columns), default=0.0)


def _score(column: Column, residuals: Probs, known: Sequence[Column]) -> float:
    """Score test of a number, or chi-square of categories, for all classes but the first."""
    parts = residuals[:, 1:]
    spread = np.maximum(np.square(parts).mean(axis=0), 1e-12)
    if column.kind == "categorical":
        levels = factorize(column.values)
        levels = np.where(np.bincount(levels)[levels] < _FEWEST, -1, levels) + 1
        counts = np.bincount(levels)
        sums = np.stack([np.bincount(levels, one) for one in parts.T], axis=1)
        used = counts > 0
        chi_square = (np.square(sums[used]) / counts[used, None] / spread).sum()
        freedom = (used.sum() - 1) * parts.shape[1]
    else:
        values = _rest(_scaled(column), known)
        size = max(float(np.square(values).sum()), 1e-12)
        chi_square = (np.square(values @ parts) / size / spread).sum() if values.std() > 1e-6 else 0.0
        freedom = parts.shape[1]
    return float((chi_square - freedom) / np.sqrt(2 * freedom)) if freedom > 0 else 0.0


def _scaled(column: Column) -> npt.NDArray[np.float64]:
    values = column.values.astype(np.float64)
    values = np.where(column.missing | ~np.isfinite(values), np.nan, values)
    if np.isnan(values).all():
        return np.zeros(len(values))
    middle, spread = np.nanmean(values), np.nanstd(values)
    return np.asarray(np.nan_to_num(np.clip((values - middle) / max(float(spread), 1e-12), -_CLIP, _CLIP)))


def _rest(values: npt.NDArray[np.float64], known: Sequence[Column]) -> npt.NDArray[np.float64]:
    """What a linear function of known numbers leaves."""
    numbers = [_scaled(one) for one in known if one.kind in ("numeric", "datetime")]
    design = np.stack([np.ones(len(values)), *numbers], axis=1)
    return np.asarray(values - design @ np.linalg.lstsq(design, values, rcond=None)[0])
