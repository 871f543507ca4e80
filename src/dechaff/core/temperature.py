"""Temperature scaling of probabilities, fitted on the given labels or on the fractions of several answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_probs
from dechaff.core.exact_sum import ExactSum, exact_sum, exact_zero
from dechaff.core.fold import SumFold, iterate
from dechaff.core.over_arrays import map_arrays, over_arrays
from dechaff.typing import Chunk, Labels, Probs

SMALLEST_PROBABILITY = 1e-4
"""Smaller ones are raised to this: a model trained on some thousand rows cannot estimate them, and one zero of a forest
at a given label would otherwise outweigh a thousand ordinary rows."""
LOWEST, HIGHEST = 0.1, 10.0
MOST_ROUNDS = 30
SETTLED = 1e-6


@dataclass(frozen=True)
class _Slope:
    first: ExactSum
    second: ExactSum


@dataclass(frozen=True)
class TemperatureStep(SumFold[_Slope]):
    """One Newton step on the likelihood of the given labels, which is concave in the sharpness."""

    sharpness: float
    smallest: float = SMALLEST_PROBABILITY
    columns: ClassVar[tuple[str, ...]] = ("labels", "probs")

    def init(self) -> _Slope:
        """No rows."""
        return _Slope(exact_zero(()), exact_zero(()))

    def update(self, state: _Slope, chunk: Chunk) -> _Slope:
        """Adds each row's pull on the sharpness: observed minus expected log-probability, and its variance."""
        logs = np.log(np.maximum(chunk["probs"], self.smallest, dtype=np.float64))
        weights = np.exp(self.sharpness * logs)  # the largest of a row never vanishes
        total = np.einsum("ij->i", weights)
        weights *= logs
        expected = np.einsum("ij->i", weights) / total
        variance = np.einsum("ij,ij->i", weights, logs) / total - expected**2
        labels = chunk["labels"]
        seen = logs[np.arange(len(logs)), labels] if labels.ndim == 1 else np.einsum("ij,ij->i", labels, logs)
        pull = seen - expected
        return self.merge(state, _Slope(exact_sum(pull), exact_sum(variance)))

    def finalize(self, state: _Slope) -> float:
        """The next sharpness: at most half or double the last one, within the bounds."""
        pull, variance = float(state.first.value()), float(state.second.value())
        step = self.sharpness + pull / max(variance, 1e-12)
        return float(np.clip(step, max(self.sharpness / 2, LOWEST), min(self.sharpness * 2, HIGHEST)))


@dataclass(frozen=True)
class Sharpened:
    """The row map behind `sharpened`."""

    sharpness: float
    smallest: float = SMALLEST_PROBABILITY
    columns: ClassVar[tuple[str, ...]] = ("probs",)

    def rows(self, chunk: Chunk) -> Probs:
        """Each row raised to the power, and normalised."""
        return _softmax(self.sharpness * np.log(np.maximum(chunk["probs"], self.smallest)))


def fit_sharpness(labels: Labels | Probs, probs: Probs, *, smallest: float = SMALLEST_PROBABILITY) -> float:
    """The power to which probabilities must be raised to be most likely right about the given labels.

    Below 1 the model was overconfident, above 1 underconfident. The probabilities are out of sample, so one number
    cannot overfit the labels; a bias per class could, and was worse in experiments.

    Parameters
    ----------
    labels : (n,) int, or (n, k) fractions of several answers
    probs : (n, k) float, rows sum to 1
    smallest : smaller probabilities count as this.

    Returns
    -------
    float from 0.1 to 10
        One over the temperature of the source.

    Source
    ------
    Guo, Pleiss, Sun, Weinberger (2017), ICML, temperature scaling. Differs: fitted to the given labels
    themselves by cross-validated probabilities, not to a clean validation set.

    Examples
    --------
    Right three times of four, the model should say .75 where it says .9:

    >>> labels, probs = np.array([0, 0, 0, 1]), np.array([[0.9, 0.1]] * 4)
    >>> bool(np.isclose(fit_sharpness(labels, probs), np.log(3) / np.log(9)))
    True
    """
    if not len(labels):
        return 1.0
    return iterate(
        lambda sharpness: TemperatureStep(sharpness, smallest),
        over_arrays(labels=labels, probs=probs),
        1.0,
        settled=lambda old, new: abs(new - old) <= SETTLED,
        most_rounds=MOST_ROUNDS,
    )


def sharpened(probs: Probs, *, power: float, smallest: float = SMALLEST_PROBABILITY) -> Probs:
    """Probabilities raised to a power and normalised, in log space.

    Parameters
    ----------
    probs : (n, k) float, rows sum to 1
    power : float above 0
        Of `fit_sharpness`.
    smallest : smaller probabilities count as this.

    Returns
    -------
    (n, k) float, rows sum to 1

    Raises
    ------
    InputError
        If a row of `probs` does not sum to 1, or a number is not finite.

    Source
    ------
    Guo, Pleiss, Sun, Weinberger (2017), ICML.

    Examples
    --------
    >>> sharpened(np.array([[0.75, 0.25]]), power=2.0)
    array([[0.9, 0.1]])
    """
    softened: Probs = map_arrays(Sharpened(power, smallest), probs=check_probs(probs))
    return softened


def _softmax(logits: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))
