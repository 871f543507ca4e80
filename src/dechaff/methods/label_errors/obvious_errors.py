"""Labels so improbable that hardly any of them can be right, however few they are.

How many labels are wrong is unknown where classes may overlap. A model that agrees with nearly all other labels shows
that they hardly do. Labels that it calls nearly impossible are then wrong one by one, without any noise rate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from dechaff.core.fold import RunFold, SumFold
from dechaff.core.over_arrays import map_arrays
from dechaff.methods.label_errors.near_classes import NearClasses, near_probs
from dechaff.methods.label_errors.uniform_noise import BINS, bins_of, counted, middle_of
from dechaff.typing import Chunk, Labels, Mask, Probs

OTHERS = 0.07
"""Highest fraction of labels that the model contradicts beside the obvious errors: otherwise classes overlap, and the
model's own errors are as improbable."""
LEAST_POWER = 0.5
"""If the probabilities must be raised to a lower power to suit the labels, the model is too sure to be believed."""
FALSE = 0.1
"""Highest expected fraction of right labels among the obvious errors."""


@dataclass(frozen=True)
class Obvious:
    """Which labels are obvious errors: those of `bins` below ``end``, at ``power``."""

    power: float = 1.0
    """The probabilities are raised to it."""
    end: int = 0
    """First bin of the log-probability of a given label in which it is no obvious error; 0 if there are none."""
    fraction: float = 0.0
    """Of the labels that are obvious errors."""


@dataclass(frozen=True)
class ObviousBins(SumFold[npt.NDArray[np.int64]]):
    """The fold that counts, by log-probability, all probabilities of all rows, and those of the given labels."""

    n_classes: int
    power: float
    columns: ClassVar[tuple[str, ...]] = ("labels", "near")

    def init(self) -> npt.NDArray[np.int64]:
        """No rows."""
        return np.zeros((2, BINS), dtype=np.int64)

    def update(self, state: npt.NDArray[np.int64], chunk: Chunk) -> npt.NDArray[np.int64]:
        """Counts the chunk's rows."""
        near = near_probs(chunk["near"], self.n_classes, self.power)
        left_out = self.n_classes - len(near.probs)
        others = left_out * counted(near.rest / np.float32(max(left_out, 1)))
        given = counted(near.probs[near.classes == chunk["labels"]])
        return np.asarray(state + np.array([counted(near.probs.ravel()) + others, given]))

    def finalize(self, state: npt.NDArray[np.int64]) -> Obvious:
        """As many of the least probable labels as keep the expected fraction of right ones."""
        expected = np.cumsum(state[0] * middle_of(np.arange(BINS)))
        found = np.cumsum(state[1])
        few = np.flatnonzero((found > 0) & (expected <= FALSE * found))
        return Obvious(self.power, int(few[-1]) + 1, float(found[few[-1]] / found[-1])) if len(few) else Obvious()


def obvious_of(over_rows: RunFold[Obvious], doubted: float, power: float, n_classes: int) -> Obvious:
    """Where labels are obvious errors, among rows of which the model contradicts the fraction `doubted`.

    `over_rows` folds their labels and near classes; `power` is what the probabilities are raised to.
    """
    if power < LEAST_POWER:
        return Obvious()
    found = over_rows(ObviousBins(n_classes, power))
    return found if doubted - found.fraction <= OTHERS else Obvious()


def obvious_errors(labels: Labels, probs: Probs, obvious: Obvious) -> Mask:
    """Whether each label is an obvious error.

    If the probabilities are right, a label falls on a class that has at most the probability p as often as these
    probabilities add up to, over all rows. As far down as ten times as many labels are found, at most a tenth of them
    are expected to be right. This is looked for only where the model agrees with nearly all other labels, and is not
    far too sure. The probabilities are made as sharp as suits labels of which some are drawn at random, for a
    temperature fitted to wrong labels makes all of them probable.

    Parameters
    ----------
    labels : (n,) int, 0 … k-1
    probs : (n, k) float, rows sum to 1
        Out-of-sample probabilities.
    obvious : of the estimates for these labels, or for all of which they are some.

    Returns
    -------
    (n,) bool

    Source
    ------
    Benjamini, Hochberg (1995), JRSS B 57, with the model's probabilities as the null distribution. Measured in
    ``benchmarks/policies.py``; the constants were chosen on half of its sets, the
    highest fraction of other labels and the lowest power on all of those with injected noise.

    Examples
    --------
    One of two hundred labels contradicts a model that is sure of them all:

    >>> labels, probs = np.repeat([0, 1], 100), np.repeat([[0.999, 0.001], [0.001, 0.999]], 100, axis=0)
    >>> probs[7] = [1e-6, 1 - 1e-6]
    >>> near = NearClasses(2).rows({"labels": labels, "probs": probs})
    >>> fold = ObviousBins(2, power=1.0)
    >>> obvious = fold.finalize(fold.update(fold.init(), {"labels": labels, "near": near}))
    >>> np.flatnonzero(obvious_errors(labels, probs, obvious))
    array([7])
    """
    if not obvious.end or not len(labels):
        return np.zeros(len(labels), dtype=np.bool_)
    k = probs.shape[1]
    near = near_probs(map_arrays(NearClasses(k), labels=labels, probs=probs), k, obvious.power)
    own = (near.classes == labels).argmax(axis=0)
    return np.asarray(bins_of(np.take_along_axis(near.probs, own[None], axis=0)[0]) < obvious.end)
