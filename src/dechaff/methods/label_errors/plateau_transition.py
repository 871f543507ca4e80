"""How labels go wrong, read from the rows that are easiest to tell.

Where labels are wrong at random within a class, even the easiest rows of true class j carry other labels,
in the proportions ``p(given = i | true = j)``. So these proportions, among the rows that the model is surest
are j, *are* column j of the noise; no clean label is needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_labels_and_probs
from dechaff.core.exact_sum import ExactSum, exact_sum_by, exact_zero
from dechaff.core.fold import added
from dechaff.core.over_arrays import over_arrays
from dechaff.typing import Chunk, ClassMatrix, ClassVector, Labels, Probs

SHARE = 0.2
"""Of the rows predicted j, the surest fifth."""
FEWEST_ROWS = 30
PRIOR_ROWS = 20.0
"""How many rows the guess before looking (symmetric noise) is worth."""
LEAST_NOISE = 0.01
"""Uniform noise that is always possible: keeps every entry above zero."""
_BINS = 4096
_MOST_ODDS = 40.0


@dataclass(frozen=True)
class PlateauEdges:
    """For each class the log-odds above which its surest predicted rows lie (`SHARE` of them)."""

    n_classes: int
    columns: ClassVar[tuple[str, ...]] = ("probs",)
    keyed_by: ClassVar[str | None] = None

    def init(self) -> npt.NDArray[np.int64]:
        """An empty histogram for each class."""
        return np.zeros((self.n_classes, _BINS), dtype=np.int64)

    def update(self, state: npt.NDArray[np.int64], chunk: Chunk) -> npt.NDArray[np.int64]:
        """Counts each row in the histogram of its most probable class."""
        predicted, odds = _predicted(chunk["probs"])
        cells = predicted * _BINS + _bin(odds)
        return state + np.bincount(cells, minlength=state.size).reshape(state.shape)

    def merge(self, left: npt.NDArray[np.int64], right: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Adds the histograms."""
        return left + right

    def finalize(self, state: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """The lowest bin of each class's plateau."""
        rows = state.sum(axis=1)
        wanted = np.minimum(np.maximum((SHARE * rows).astype(np.int64), FEWEST_ROWS), rows)
        above = state[:, ::-1].cumsum(axis=1)
        return np.asarray(_BINS - 1 - (above >= np.maximum(wanted, 1)[:, None]).argmax(axis=1), dtype=np.int64)


@dataclass(frozen=True)
class Plateau:
    """What the surest rows of each class show; columns are the predicted (true) class."""

    labels: npt.NDArray[np.int64]
    """(k, k) rows on the plateau, by given label."""
    probs: ExactSum
    """(k, k) their probabilities, added up; row = class of the probability."""
    below: npt.NDArray[np.int64]
    """(k, 2) rows off the plateau: all, and those whose label agrees."""

    @property
    def rows(self) -> npt.NDArray[np.int64]:
        """(k,) rows on each plateau."""
        return np.asarray(self.labels.sum(axis=0))


@dataclass(frozen=True)
class PlateauRows:
    """The fold that looks at the labels and probabilities on the plateaus, built from their edges."""

    edges: npt.NDArray[np.int64]
    columns: ClassVar[tuple[str, ...]] = ("labels", "probs")
    keyed_by: ClassVar[str | None] = None

    def init(self) -> Plateau:
        """Nothing seen."""
        k = len(self.edges)
        return Plateau(np.zeros((k, k), dtype=np.int64), exact_zero((k, k)), np.zeros((k, 2), dtype=np.int64))

    def update(self, state: Plateau, chunk: Chunk) -> Plateau:
        """Adds the rows of each plateau, and how those below it agree."""
        k, labels, probs = len(self.edges), chunk["labels"], chunk["probs"]
        predicted, odds = _predicted(probs)
        on = _bin(odds) >= self.edges[predicted]
        counts = np.bincount(labels[on] * k + predicted[on], minlength=k * k).reshape(k, k)
        by_class = exact_sum_by(predicted[on], probs[on], k)
        off = np.bincount(predicted[~on], minlength=k)
        agreeing = np.bincount(predicted[~on & (labels == predicted)], minlength=k)
        seen = Plateau(counts, ExactSum(by_class.whole.T, by_class.part.T), np.stack([off, agreeing], axis=1))
        return self.merge(state, seen)

    def merge(self, left: Plateau, right: Plateau) -> Plateau:
        """Adds what was seen."""
        return added(left, right)

    def finalize(self, state: Plateau) -> Plateau:
        """What was seen."""
        return state


def transition_of_labels(plateau: Plateau, noise_rate: float) -> ClassMatrix:
    """T from the labels on the plateaus; from the probabilities where those labels cannot be believed.

    `noise_rate` is the rate of the symmetric noise that stands in for the rows a plateau lacks.
    """
    means = plateau.probs.value()
    seen = np.where(_labels_depend_on_fold(plateau)[None, :], means, plateau.labels)
    guess = PRIOR_ROWS * symmetric_noise(len(means), noise_rate)
    return _with_least_noise((seen + guess) / (plateau.rows + PRIOR_ROWS)[None, :])


def transition_of_probs(plateau: Plateau) -> ClassMatrix:
    """T from the probabilities on the plateaus alone; identity for a class that is never predicted."""
    rows = plateau.rows
    means = plateau.probs.value() / np.maximum(rows, 1)[None, :]
    return _with_least_noise(np.where(rows[None, :] > 0, means, np.eye(len(rows))))


def symmetric_noise(k: int, rate: float) -> ClassMatrix:
    """T where each label is wrong at one rate, and any other class as likely as the next."""
    return np.where(np.eye(k, dtype=bool), 1 - rate, rate / (k - 1))


def plateau_transition(labels: Labels, probs: Probs, *, noise_rate: float = 0.1) -> ClassMatrix:
    """Probability of each given label for each true class, read from the easiest rows of every class.

    Holds where the chance of a wrong label depends on the class and not on the row. Where hard rows are
    mislabelled more often it shows the noise of the easy ones only. Labels that agree *less* on the plateau
    than below it give away folds that were not shuffled; then the plateau's probabilities are read instead.

    Parameters
    ----------
    labels : (n,) int, 0 … k-1
        Given labels; may be wrong.
    probs : (n, k) float, rows sum to 1
        Out-of-sample probabilities.
    noise_rate : float from 0 to 1
        Rate of the symmetric noise that counts for 20 rows of every plateau.

    Returns
    -------
    (k, k) float, columns sum to 1
        ``T[i, j]`` = p(given = i | true = j).

    Source
    ------
    The anchor points of Liu, Tao (2016), IEEE TPAMI 38, and Patrini et al. (2017), CVPR. Differs: a fifth of
    the rows instead of one, and their labels counted instead of their probabilities averaged, since a small
    model's surest probabilities are over-sure.

    Examples
    --------
    A fifth of class 0 carries the label 1:

    >>> import numpy as np
    >>> labels = np.repeat([0, 1, 1], [400, 100, 500])
    >>> probs = np.repeat([[0.8, 0.2], [0.0, 1.0]], [500, 500], axis=0)
    >>> plateau_transition(labels, probs).round(2)
    array([[0.8 , 0.01],
           [0.2 , 0.99]])
    """
    labels, probs = check_labels_and_probs(labels, probs)
    run = over_arrays(labels=labels, probs=probs)
    return transition_of_labels(run(PlateauRows(run(PlateauEdges(probs.shape[1])))), noise_rate)


def _predicted(probs: Probs) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """The most probable class of each row and its log-odds; the others are added up, as 1 - p loses them."""
    rows = np.arange(len(probs))
    predicted = probs.argmax(axis=1)
    others = probs.copy()
    others[rows, predicted] = 0.0
    with np.errstate(divide="ignore"):
        odds = np.log(probs[rows, predicted]) - np.log(others.sum(axis=1))
    return predicted, odds


def _bin(odds: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    unit = (np.clip(odds, -_MOST_ODDS, _MOST_ODDS) + _MOST_ODDS) / (2 * _MOST_ODDS)
    return np.asarray(np.minimum(unit * _BINS, _BINS - 1), dtype=np.int64)


def _labels_depend_on_fold(plateau: Plateau) -> npt.NDArray[np.bool_]:
    """Classes whose surest rows agree with their labels less often than the others, by three standard errors."""
    on, agree_on = plateau.rows, np.diagonal(plateau.labels)
    off, agree_off = plateau.below[:, 0], plateau.below[:, 1]
    pooled = (agree_on + agree_off) / np.maximum(on + off, 1)
    error = np.sqrt(pooled * (1 - pooled) * (1 / np.maximum(on, 1) + 1 / np.maximum(off, 1)))
    gap = agree_off / np.maximum(off, 1) - agree_on / np.maximum(on, 1)
    return np.asarray((off > 0) & (on > 0) & (gap > 3 * error))


def _with_least_noise(transition: ClassMatrix) -> ClassMatrix:
    return (1 - LEAST_NOISE) * transition + LEAST_NOISE / len(transition)


def noise_of(transition: ClassMatrix, prior: ClassVector) -> float:
    """Share of rows with a wrong label, if the true classes have this prior."""
    return float(1 - prior @ np.diagonal(transition))
