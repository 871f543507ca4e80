"""The noise matrix, read from the rows that are easiest to classify.

If labels are wrong at random within a class, even the easiest rows of true class j carry other labels, in the
proportions ``p(given = i | true = j)``. So the proportions among the rows of highest confidence in j are column j of
the noise matrix; no clean label is needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_labels_and_probs
from dechaff.core.exact_sum import ExactSum, exact_sum_by, exact_zero
from dechaff.core.fold import RunFold, SumFold
from dechaff.core.kernels.row_posteriors import NearProbs
from dechaff.core.over_arrays import map_arrays, over_arrays
from dechaff.core.temperature import Sharpened
from dechaff.methods.label_errors.near_classes import NearClasses, near_probs
from dechaff.typing import Chunk, ClassMatrix, ClassVector, Labels, Probs

SHARE = 0.2
"""The fifth of the rows predicted j with the highest confidence."""
FEWEST_ROWS = 30
PRIOR_ROWS = 10.0
"""Number of rows that the guess counts for."""
LEAST_NOISE, LEAST_NOISE_OF_PROBS = 0.01, 0.003
"""Uniform noise that is always possible, by the labels and by the probabilities: keeps every entry above zero."""
STRAY_CLASS, STRAY_FOLDS = 4.0, 7.0
"""Standard errors by which labels agree less on a plateau than below it, from which on the class, or all classes, are
read from their probabilities."""
_BINS, _MOST_BINS = 4096, 2**19
_MOST_ODDS = 40.0
_LEAST_SUM = 1e-12


@dataclass(frozen=True)
class PlateauEdges(SumFold[npt.NDArray[np.int64]]):
    """For each class the log-odds above which its `SHARE` of most confident predicted rows are."""

    n_classes: int
    power: float
    columns: ClassVar[tuple[str, ...]] = ("near",)

    def init(self) -> npt.NDArray[np.int64]:
        """An empty histogram for each class."""
        return np.zeros((self.n_classes, _bins(self.n_classes)), dtype=np.int64)

    def update(self, state: npt.NDArray[np.int64], chunk: Chunk) -> npt.NDArray[np.int64]:
        """Counts each row in the histogram of its most probable class."""
        k, near = self.n_classes, near_probs(chunk["near"], self.n_classes, self.power)
        cells = near.classes[0] * _bins(k) + _bin(_odds(near), k)
        return state + np.bincount(cells, minlength=state.size).reshape(state.shape)

    def finalize(self, state: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """The lowest bin of each class's plateau."""
        rows = state.sum(axis=1)
        wanted = np.minimum(np.maximum((SHARE * rows).astype(np.int64), FEWEST_ROWS), rows)
        above = state[:, ::-1].cumsum(axis=1)
        lowest = (above >= np.maximum(wanted, 1)[:, None]).argmax(axis=1)
        return np.asarray(state.shape[1] - 1 - lowest, dtype=np.int64)


@dataclass(frozen=True)
class Plateau:
    """What the surest rows of each class show; columns are the predicted (true) class."""

    labels: npt.NDArray[np.int64]
    """(k, k) rows on the plateau, by given label."""
    heights: ExactSum
    """(k,) probabilities of the predicted class on its plateau, added up."""
    below: npt.NDArray[np.int64]
    """(k, 2) rows off the plateau: all, and those whose label agrees."""
    doubted: npt.NDArray[np.int64]
    """() rows whose label is not the predicted class."""

    @property
    def rows(self) -> npt.NDArray[np.int64]:
        """(k,) rows on each plateau."""
        return np.asarray(self.labels.sum(axis=0))


@dataclass(frozen=True)
class PlateauRows(SumFold[Plateau]):
    """The fold that counts the labels on the plateaus, given their edges."""

    edges: npt.NDArray[np.int64]
    power: float
    columns: ClassVar[tuple[str, ...]] = ("labels", "near")

    def init(self) -> Plateau:
        """Nothing seen."""
        k = len(self.edges)
        zeros = np.zeros((k, k), dtype=np.int64)
        return Plateau(zeros, exact_zero(k), np.zeros((k, 2), dtype=np.int64), np.zeros((), dtype=np.int64))

    def update(self, state: Plateau, chunk: Chunk) -> Plateau:
        """Adds the rows of each plateau, and how those below it agree."""
        k, labels = len(self.edges), chunk["labels"]
        near = near_probs(chunk["near"], k, self.power)
        predicted, on = near.classes[0], _on_plateau(near, self.edges)
        counts = np.bincount(labels[on] * k + predicted[on], minlength=k * k).reshape(k, k)
        heights = exact_sum_by(predicted[on], near.probs[0][on].astype(np.float64), k)
        off, agrees = np.bincount(predicted[~on], minlength=k), labels == predicted
        below = np.stack([off, np.bincount(predicted[~on & agrees], minlength=k)], axis=1)
        return self.merge(state, Plateau(counts, heights, below, np.asarray((~agrees).sum())))


@dataclass(frozen=True)
class PlateauProbs(SumFold[ExactSum]):
    """The fold that adds up all probabilities of the rows on the plateaus; row = class of the probability."""

    edges: npt.NDArray[np.int64]
    power: float
    columns: ClassVar[tuple[str, ...]] = ("probs", "near")

    def init(self) -> ExactSum:
        """Nothing seen."""
        return exact_zero((len(self.edges), len(self.edges)))

    def update(self, state: ExactSum, chunk: Chunk) -> ExactSum:
        """Adds the rows of each plateau."""
        k = len(self.edges)
        near = near_probs(chunk["near"], k, self.power)
        on = _on_plateau(near, self.edges)
        calibrated = Sharpened(self.power).rows({"probs": chunk["probs"][on]})
        by_class = exact_sum_by(near.classes[0][on], calibrated, k)
        return state + ExactSum(by_class.whole.T, by_class.part.T)

    def finalize(self, state: ExactSum) -> ClassMatrix:
        """The sums."""
        return state.value()


@dataclass(frozen=True)
class ReadTransition:
    """T as the plateaus show it."""

    seen: ClassMatrix
    """Fractions of the labels on each plateau, or of its probabilities; the class itself if it is never predicted."""
    matrix: ClassMatrix
    """The same with the guess mixed in."""
    plateau: Plateau
    stray_folds: bool
    """Whether labels depend on the fold: such folds were not shuffled, and their labels are not believed."""

    def heights(self) -> ClassVector:
        """(k,) mean probability of each class on its plateau; 1 for a class that is never predicted."""
        rows = self.plateau.rows
        return np.where(rows > 0, self.plateau.heights.value() / np.maximum(rows, 1), 1.0)


def read_transition(run: RunFold[Any], guess: ClassMatrix, *, power: float) -> ReadTransition:
    """`plateau_transition` of columns in any source (``labels``, ``probs``, ``near``), with a guess of T."""
    edges: npt.NDArray[np.int64] = run(PlateauEdges(len(guess), power))
    plateau: Plateau = run(PlateauRows(edges, power))
    astray, rows = standard_errors_astray(plateau), plateau.rows
    seen = _shares(plateau.labels, rows)
    if (astray > STRAY_CLASS).any():
        by_probs = _shares(run(PlateauProbs(edges, power)), rows)
        if (astray > STRAY_FOLDS).any():
            return ReadTransition(by_probs, _with_least_noise(by_probs, LEAST_NOISE_OF_PROBS), plateau, True)
        seen = np.where(astray > STRAY_CLASS, by_probs, seen)
    mixed = (rows * seen + PRIOR_ROWS * guess) / (rows + PRIOR_ROWS)
    return ReadTransition(seen, _with_least_noise(mixed, LEAST_NOISE), plateau, False)


def _shares(added: npt.NDArray[Any], rows: npt.NDArray[np.int64]) -> ClassMatrix:
    return np.where(rows > 0, added / np.maximum(rows, 1), np.eye(len(rows)))


def spread_noise(rate: float, weights: ClassVector) -> ClassMatrix:
    """T if every class is mislabelled at this rate, as one of the others in proportion to their weights.

    Examples
    --------
    >>> spread_noise(0.2, np.ones(3)).round(1)
    array([[0.8, 0.1, 0.1],
           [0.1, 0.8, 0.1],
           [0.1, 0.1, 0.8]])
    """
    noise = np.tile(np.asarray(weights, dtype=np.float64)[:, None], (1, len(weights)))
    np.fill_diagonal(noise, 0.0)
    noise *= rate / np.maximum(noise.sum(axis=0), _LEAST_SUM)
    np.fill_diagonal(noise, 1 - rate)
    return noise


def plateau_transition(labels: Labels, probs: Probs, *, noise_rate: float = 0.1) -> ClassMatrix:
    """Probability of each given label for each true class, read from the easiest rows of every class.

    Valid for class-conditional noise. If hard rows are mislabelled more often it shows the noise of the easy rows only.
    Labels that agree *less* on the plateau than below it indicate folds that were not shuffled; then the plateau's
    probabilities are read instead.

    Parameters
    ----------
    labels, probs
        As in `confident_joint`, with its errors.
    noise_rate : float from 0 to 1
        Rate of the symmetric noise that counts for 10 rows of every plateau.

    Returns
    -------
    (k, k) float, columns sum to 1
        ``T[i, j]`` = p(given = i | true = j).

    Source
    ------
    The anchor points of Liu, Tao (2016), IEEE TPAMI 38, and Patrini et al. (2017), CVPR. Differs: a fifth of
    the rows instead of one, and their labels counted instead of their probabilities averaged, since a small
    model's highest probabilities are overconfident.

    Examples
    --------
    A fifth of class 0 carries the label 1:

    >>> labels = np.repeat([0, 1, 1], [400, 100, 500])
    >>> probs = np.repeat([[0.8, 0.2], [0.0, 1.0]], [500, 500], axis=0)
    >>> plateau_transition(labels, probs).round(2)
    array([[0.8 , 0.01],
           [0.2 , 0.99]])
    """
    labels, probs = check_labels_and_probs(labels, probs)
    k = probs.shape[1]
    near = map_arrays(NearClasses(k), labels=labels, probs=probs)
    run = over_arrays(labels=labels, probs=probs, near=near)
    return read_transition(run, spread_noise(noise_rate, np.ones(k)), power=1.0).matrix


def _odds(near: NearProbs) -> npt.NDArray[np.float64]:
    """Log-odds of the most probable class; the others are added up, as 1 - p loses them."""
    others = near.probs[1:].sum(axis=0, dtype=np.float64) + near.rest
    return np.asarray(np.log(near.probs[0].astype(np.float64)) - np.log(np.maximum(others, 1e-30)))


def _bins(n_classes: int) -> int:
    return min(_BINS, _MOST_BINS // n_classes)


def _bin(odds: npt.NDArray[np.float64], n_classes: int) -> npt.NDArray[np.int64]:
    bins = _bins(n_classes)
    unit = (np.clip(odds, -_MOST_ODDS, _MOST_ODDS) + _MOST_ODDS) / (2 * _MOST_ODDS)
    return np.asarray(np.minimum(unit * bins, bins - 1), dtype=np.int64)


def _on_plateau(near: NearProbs, edges: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    return np.asarray(_bin(_odds(near), len(edges)) >= edges[near.classes[0]])


def standard_errors_astray(plateau: Plateau) -> npt.NDArray[np.float64]:
    """By how many standard errors each class's surest rows agree *less* often with their labels than the others."""
    on, agree_on = plateau.rows, np.diagonal(plateau.labels)
    off, agree_off = plateau.below[:, 0], plateau.below[:, 1]
    pooled = (agree_on + agree_off) / np.maximum(on + off, 1)
    error = np.sqrt(pooled * (1 - pooled) * (1 / np.maximum(on, 1) + 1 / np.maximum(off, 1)))
    gap = agree_off / np.maximum(off, 1) - agree_on / np.maximum(on, 1)
    return np.where((off > 0) & (on > 0), gap / np.maximum(error, 1e-9), 0.0)


def _with_least_noise(transition: ClassMatrix, least: float) -> ClassMatrix:
    return np.asarray((1 - least) * transition + least / len(transition))


def noise_of(transition: ClassMatrix, prior: ClassVector) -> float:
    """Fraction of rows with a wrong label, if the true classes have this prior."""
    return float(1 - prior @ np.diagonal(transition))
