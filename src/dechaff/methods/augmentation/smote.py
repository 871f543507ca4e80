"""Rows of rare classes made by the SMOTE family of imbalanced-learn. The only file that imports it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from dechaff.errors import InputError, MissingExtraError
from dechaff.methods.augmentation.operation import Kind, NewRows
from dechaff.typing import Features, Labels

Sampler = Literal["SMOTE", "BorderlineSMOTE", "ADASYN"]
_NEIGHBOURS = 5


@dataclass(frozen=True)
class Oversampling:
    """An operation that makes rows of the rarer classes only; its strength is that of `oversampled`."""

    sampler: Sampler = "SMOTE"
    strengths: tuple[float, ...] = (0.5, 1.0)
    kind: Kind = "table"

    @property
    def name(self) -> str:
        """The name in reports."""
        return self.sampler

    def new_rows(self, rows: Features, labels: Labels, strength: float, rng: np.random.Generator) -> NewRows:
        """New rows of the rarer classes."""
        return oversampled(rows, labels, strength, rng, sampler=self.sampler)


def oversampled(
    rows: Features, labels: Labels, strength: float, rng: np.random.Generator, *, sampler: Sampler = "SMOTE"
) -> NewRows:
    """New rows of the rarer classes, between rows of the same class that are close together.

    Parameters
    ----------
    rows : (n, d) float, NaN if missing
    labels : (n,) int
    strength : float above 0, at most 1
        By how much the classes are evened out; 1: all become as large as the largest.
    rng : Generator
    sampler : name of a class of ``imblearn.over_sampling``

    Returns
    -------
    NewRows
        The parent is the nearest row of the class, because imbalanced-learn does not name it. A cell is missing if it
        is in the parent.

    Raises
    ------
    MissingExtraError
        If imbalanced-learn is not installed.
    InputError
        If a class has fewer than two rows, or no class is rarer than another.

    Source
    ------
    Chawla, Bowyer, Hall, Kegelmeyer (2002), SMOTE, JAIR 16; Han, Wang, Mao (2005), Borderline-SMOTE; He, Bai, Garcia,
    Li (2008), ADASYN. Differs: distances between standardised columns.
    """
    try:
        from imblearn import over_sampling
    except ImportError as absent:
        raise MissingExtraError.of("imbalanced-learn", "imbalance", "to make rows of rare classes") from absent
    sizes = np.bincount(labels)
    wanted = _wanted(sizes, strength)
    lacking = np.isnan(rows)
    middle = np.array([np.median(one[np.isfinite(one)]) if np.isfinite(one).any() else 0.0 for one in rows.T])
    whole = np.where(lacking, middle, rows)
    mean, scale = whole.mean(axis=0), whole.std(axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    neighbours = min(_NEIGHBOURS, int(sizes[list(wanted)].min()) - 1)
    options = {"n_neighbors" if sampler == "ADASYN" else "k_neighbors": neighbours}
    chosen = getattr(over_sampling, sampler)(
        sampling_strategy=wanted, random_state=int(rng.integers(2**31 - 1)), **options
    )
    points = (whole - mean) / scale
    made, classes = (part[len(rows) :] for part in chosen.fit_resample(points, labels))
    parents = _nearest_of_class(made, classes, points, labels)
    return NewRows(np.where(lacking[parents], np.nan, made * scale + mean), parents)


def _wanted(sizes: Labels, strength: float) -> dict[int, int]:
    """Class -> its size afterwards, for the classes that grow."""
    grown = np.where(sizes > 0, sizes + np.round(strength * (sizes.max() - sizes)), 0).astype(int)
    wanted = {place: int(size) for place, size in enumerate(grown) if size > sizes[place]}
    if not wanted:
        fix = "Try another operation: there is nothing to even out."
        raise InputError("the classes", "differ in size, to make rows of the rarer ones", "equal sizes", fix)
    few = min(wanted, key=lambda place: sizes[place])
    if sizes[few] < 2:
        fix = "Add rows of the class, or merge it with another one."
        raise InputError("each class", "have two rows to make others between them", f"{sizes[few]} of one", fix)
    return wanted


def _nearest_of_class(made: Features, classes: Labels, points: Features, labels: Labels) -> Labels:
    from scipy.spatial import cKDTree

    parents = np.zeros(len(made), dtype=np.int64)
    for one in np.unique(classes):
        own, new = np.flatnonzero(labels == one), np.flatnonzero(classes == one)
        parents[new] = own[cKDTree(points[own]).query(made[new])[1]]
    return parents
