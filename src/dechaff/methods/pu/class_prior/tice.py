"""c from the richest corner of the feature space that a tree finds (TIcE)."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_same_length
from dechaff.errors import InputError
from dechaff.typing import Features, Mask


def check_feature_rows(features: Features, labelled: Mask, *, fewest: int) -> None:
    """Refuses rows that differ in number, are not finite, of one kind only, or too few.

    Raises
    ------
    InputError
        With the first bad place.
    """
    check_same_length(features=features, labelled=labelled)
    if features.ndim != 2 or features.shape[1] == 0:
        found = f"an array of shape {features.shape}"
        raise InputError("features", "have rows and at least one column", found, "Pass one row per example.")
    if len(labelled) < fewest:
        raise InputError("features", f"have at least {fewest} rows", str(len(labelled)), "Pass more rows.")
    _refuse_gaps(features)
    if labelled.dtype != np.bool_ or labelled.all() or not labelled.any():
        raise InputError(
            "labelled",
            "be True for some rows and False for some",
            f"{int(labelled.sum())} of {len(labelled)} rows, of {labelled.dtype}",
            "Pass labelled positives together with unlabelled rows.",
        )


def _refuse_gaps(features: npt.NDArray[np.float64]) -> None:
    bad = ~np.isfinite(features)
    if bad.any():
        row, column = np.argwhere(bad)[0]
        found = f"{features[row, column]} in row {row}, column {column} ({int(bad.sum())} such cells)"
        raise InputError("features", "be finite", found, "Fill the gaps, for example with the median of the column.")


N_FOLDS = 5
"""Parts of the rows, each of which grows a tree whose corners are measured on the others."""
N_PASSES = 2
"""The first takes c for 0.5 in the margin of error, the second for what the first found."""
MOST_SPLITS = 500
FEWEST_ROWS = 10
"""Of a corner that is measured, or divided further."""
CAUTION = 5.0
"""The paper's k: rows added to a part before its labelled share is compared."""
_QUARTERS = 4
_TINY = 1e-12

Quarters = npt.NDArray[np.int64]
Positions = npt.NDArray[np.int64]


@dataclass(frozen=True)
class _Corner:
    """A part of the feature space: its rows in either sample, and the features that may still divide it."""

    growing: Positions
    measuring: Positions
    free: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class _Sample:
    """All rows, the c taken for granted, and the paper's delta for as many rows as measure."""

    quarters: Quarters
    labelled: npt.NDArray[np.bool_]
    c: float
    delta: float

    def lower_bound(self, rows: Positions) -> float:
        """The labelled fraction of these rows less its margin of error, by Chebyshev's inequality."""
        return float(self.labelled[rows].mean() - np.sqrt(self._variance() / len(rows)))

    def fewest_labelled(self, best: float) -> float:
        """Labelled rows without which no part of a corner could be richer than the best."""
        return float(self._variance() / max(1 - best, _TINY) ** 2)

    def counts(self, rows: Positions) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Rows, and labelled rows, in each quarter of each feature: (d, 4) both."""
        d = self.quarters.shape[1]
        cells = self.quarters[rows] + _QUARTERS * np.arange(d)
        every = np.bincount(cells.ravel(), minlength=_QUARTERS * d)
        labelled = np.bincount(cells[self.labelled[rows]].ravel(), minlength=_QUARTERS * d)
        return every.reshape(d, _QUARTERS), labelled.reshape(d, _QUARTERS)

    def _variance(self) -> float:
        return self.c * (1 - self.c) * (1 - self.delta) / self.delta


def tice(features: Features, labelled: Mask, *, seed: int = 0) -> float:
    """Probability that a positive is labelled, as the highest labelled share that any corner of the features proves.

    In any part of the feature space at most a share c of the rows is labelled, with equality where only positives
    lie. A tree divides the space into quarters, best part first; c is the highest lower bound of a part's labelled
    share, on rows that the tree was not grown on. Needs no model. Too low where no corner of few features is pure, and
    somewhat too low elsewhere, being a lower bound.

    Parameters
    ----------
    features : (n, d) float
        Categories as indicators. Only their order of size within the range of a column counts.
    labelled : (n,) bool
    seed : decides the folds.

    Returns
    -------
    float in (0, 1]

    Raises
    ------
    InputError
        If lengths differ, a feature is not finite, no row is labelled or unlabelled, or there are fewer than 5 rows.

    Source
    ------
    Bekker, Davis (2018), Estimating the class prior in positive and unlabeled data through decision tree induction,
    AAAI, algorithms 1 and 2 with their default parameters. Differs: folds of equal size.

    Examples
    --------
    Positives fill the upper half, and half of them are labelled:

    >>> features = np.linspace(0, 1, 4000)[:, None]
    >>> labelled = (features[:, 0] > 0.5) & (np.arange(4000) % 2 == 0)
    >>> 0.4 < tice(features, labelled) < 0.5
    True
    """
    check_feature_rows(features, labelled, fewest=N_FOLDS)
    quarters = _quarters(features)
    folds = np.random.default_rng(seed).permutation(len(labelled)) % N_FOLDS
    c = 0.5
    for _ in range(N_PASSES):
        c = float(np.mean([_highest_bound(quarters, labelled, folds == fold, c) for fold in range(N_FOLDS)]))
    return max(c, float(labelled.mean()))


def _quarters(features: Features) -> Quarters:
    """The quarter of its column's range that each value lies in, 0 … 3."""
    low = features.min(axis=0)
    width = np.maximum(features.max(axis=0) - low, _TINY)
    return np.asarray(np.minimum((features - low) / width * _QUARTERS, _QUARTERS - 1), dtype=np.int64)


def _highest_bound(quarters: Quarters, labelled: Mask, growing: Mask, c: float) -> float:
    """The best lower bound of c on the rows that do not grow the tree; corners are divided best first."""
    n_measuring = int((~growing).sum())
    sample = _Sample(quarters, labelled, c, delta=max(0.025, 1 / (1 + 0.004 * n_measuring)))
    best, order, fewest = float(labelled[~growing].mean()), count(), 1.0
    whole = _Corner(np.flatnonzero(growing), np.flatnonzero(~growing), np.ones(quarters.shape[1], dtype=bool))
    queue = [(0.0, next(order), whole)]
    for _ in range(MOST_SPLITS):
        if not queue:
            break
        parts = _divided(sample, heappop(queue)[2], fewest)
        measured = [sample.lower_bound(part.measuring) for part in parts if len(part.measuring) >= FEWEST_ROWS]
        best = max(best, *measured, 0.0)
        fewest = sample.fewest_labelled(best)
        for part in parts:
            if _worth_dividing(sample, part, fewest):
                heappush(queue, (-sample.lower_bound(part.growing), next(order), part))
    return best


def _divided(sample: _Sample, corner: _Corner, fewest: float) -> list[_Corner]:
    """The quarters of the corner along the feature with the richest one (max-bepp); none if nothing divides it."""
    every, labelled = sample.counts(corner.growing)
    measured_every, measured_labelled = sample.counts(corner.measuring)
    free = corner.free & (measured_labelled.max(axis=1) >= fewest)
    richest = np.where(free, (labelled / (every + CAUTION)).max(axis=1), 0.0)
    feature = int(richest.argmax())
    if richest[feature] == 0 or (measured_every[feature] > 0).sum() < 2:
        return []
    free = free & (np.arange(len(free)) != feature)
    column = sample.quarters[:, feature]
    sides = [(corner.growing[column[corner.growing] == q], q) for q in range(_QUARTERS)]
    return [_Corner(rows, corner.measuring[column[corner.measuring] == q], free) for rows, q in sides]


def _worth_dividing(sample: _Sample, part: _Corner, fewest: float) -> bool:
    """Whether a part of this part may still exceed the best."""
    labelled = int(sample.labelled[part.growing].sum())
    enough = len(part.growing) > FEWEST_ROWS and sample.labelled[part.measuring].sum() > fewest
    return bool(enough and 0 < labelled < len(part.growing))
