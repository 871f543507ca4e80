"""Labels drawn at random, per class: often one class has all of them, for example if one annotator guessed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_labels_and_probs
from dechaff.core.fold import SumFold
from dechaff.core.over_arrays import map_arrays, over_arrays
from dechaff.methods.label_errors.near_classes import NearClasses, near_probs
from dechaff.methods.label_errors.noise_readings import soft_step
from dechaff.methods.label_errors.uniform_noise import bins_of, uniform_fraction
from dechaff.typing import Chunk, ClassVector, Labels, Probs

DIFFERENT = (0.3, 0.6)
"""Spread of the fractions over the classes, relative to their mean: up to the first all classes share one fraction,
from the second on each has its own. Overlapping classes alone cause a spread of up to a third."""
_ALIKE_ROWS = 50.0
"""Weight of all rows in the fraction of a class, as a number of its rows."""
_BINS, _MOST_BINS, _FEWEST_BINS = 1024, 2**17, 32


@dataclass(frozen=True)
class ClassDraws:
    """How draws spread over the classes."""

    shares: ClassVector
    """(k,) of the rows that the model gives each class, those whose label was drawn."""
    rows: npt.NDArray[np.int64]
    """(k,) these rows."""
    variances: ClassVector
    """(k,) of the shares, by chance."""

    def spread(self) -> float:
        """Standard deviation of the fractions over the rows, beyond chance, relative to their mean."""
        n = max(int(self.rows.sum()), 1)
        mean = float(self.rows @ self.shares) / n
        variance = float(self.rows @ ((self.shares - mean) ** 2 - self.variances)) / n
        return float(np.sqrt(max(variance, 0.0))) / mean if mean > 0 else 0.0

    def relative(self) -> ClassVector:
        """(k,) each fraction relative to the mean, as far as they differ; 1 if they do not."""
        mean = float(self.rows @ self.shares) / max(int(self.rows.sum()), 1)
        differ = soft_step(self.spread(), *DIFFERENT)
        return np.asarray(1 + differ * (self.shares / mean - 1)) if differ else np.ones(len(self.shares))


@dataclass(frozen=True)
class GivenLogsByClass(SumFold[npt.NDArray[np.int64]]):
    """The fold that counts rows by their most probable class and by the log-probability of their given label."""

    n_classes: int
    power: float
    columns: ClassVar[tuple[str, ...]] = ("labels", "near")

    def init(self) -> npt.NDArray[np.int64]:
        """No rows; one histogram per class, coarser if there are many classes."""
        return np.zeros((self.n_classes, min(_BINS, max(_FEWEST_BINS, _MOST_BINS // self.n_classes))), dtype=np.int64)

    def update(self, state: npt.NDArray[np.int64], chunk: Chunk) -> npt.NDArray[np.int64]:
        """Counts the chunk's rows."""
        near, n_bins = near_probs(chunk["near"], self.n_classes, self.power), state.shape[1]
        given = np.where(near.classes == chunk["labels"], near.probs, 0).sum(axis=0)
        cells = near.classes[0] * n_bins + bins_of(given, n_bins)
        return state + np.bincount(cells, minlength=state.size).reshape(state.shape)

    def finalize(self, state: npt.NDArray[np.int64]) -> ClassDraws:
        """The most likely fractions, shrunk towards that of all rows."""
        rows = state.sum(axis=1)
        like_all = _ALIKE_ROWS * state.sum(axis=0) / max(int(rows.sum()), 1)
        found = [uniform_fraction(counts + like_all, self.n_classes) for counts in state] if rows.any() else []
        shares, variances = (
            np.array(some or np.zeros(self.n_classes))
            for some in ([one.share for one in found], [1 / one.information for one in found])
        )
        return ClassDraws(shares, rows, variances)


def class_draws(labels: Labels, probs: Probs) -> ClassDraws:
    """Fraction of labels that are wrong by a uniform draw, per predicted class.

    As `uniform_noise`, among the rows that the model predicts to be of each class; a class with few rows is shrunk
    towards all rows. If the model confuses two classes, their fractions are mixed, too.

    Parameters
    ----------
    labels : (n,) int, 0 … k-1
        Given labels; may be wrong.
    probs : (n, k) float, rows sum to 1
        Out-of-sample probabilities, as sharp as `uniform_noise` found them.

    Returns
    -------
    ClassDraws

    Raises
    ------
    InputError
        If lengths differ, a label has no column of `probs`, or a row of `probs` does not sum to 1.

    Source
    ------
    This library; that of `uniform_noise`.

    Examples
    --------
    A third of the labels in class 2 may be any class:

    >>> probs = np.repeat(0.97 * np.eye(3) + 0.01, 900, axis=0)
    >>> labels = np.repeat([0, 1, 2, 0, 1, 2], [900, 900, 700, 100, 100, 0])
    >>> class_draws(labels, probs).shares.round(1)
    array([0. , 0. , 0.3])
    """
    labels, probs = check_labels_and_probs(labels, probs)
    k = probs.shape[1]
    near = map_arrays(NearClasses(k), labels=labels, probs=probs)
    found: ClassDraws = over_arrays(labels=labels, near=near)(GivenLogsByClass(k, 1.0))
    return found
