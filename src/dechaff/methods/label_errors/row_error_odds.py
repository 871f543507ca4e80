"""What the noise posterior says of each row, in one pass that keeps no (n, k) array."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from dechaff.core.exact_sum import whole_sum
from dechaff.core.kernels.row_posteriors import POSTERIOR_STEPS, RowPosteriors, row_posteriors
from dechaff.core.over_arrays import map_and_fold
from dechaff.methods.label_errors.near_classes import NearClasses, near_probs
from dechaff.methods.label_errors.noise_posterior import STEPS, entries_of
from dechaff.typing import Chunk, ClassMatrix, Labels, Mask, Numbers

MARGIN_WEIGHT = 8.0
"""Log-odds that a margin of one is worth."""
_FAR = 20.0
_APART = 1e-4
"""Fraction of the model's own log-odds in ours: keeps rows apart that are beyond doubt."""


@dataclass(frozen=True)
class RowEstimates:
    """The estimates for all rows, in order."""

    log_odds: Numbers
    """Of the label being wrong."""
    suggested: Labels
    """The most probable other class."""
    suggested_prob: Numbers
    """Its probability."""
    doubted: Mask
    """Whether the model itself prefers another class than the given one."""
    joint: ClassMatrix
    """Expected rows by given label and true class."""


@dataclass(frozen=True)
class NearErrorOdds:
    """Log-odds of label errors, from near classes; the fold adds up the posteriors by given label and true class.

    `by_margin` is how far the ranking goes by the plain margin of the model's probabilities, where T says little.
    """

    power: float
    transition: ClassMatrix
    by_margin: float = 0.0
    steps: int = STEPS
    columns: ClassVar[tuple[str, ...]] = ("labels", "near")
    keyed_by: ClassVar[str | None] = None

    def init(self) -> npt.NDArray[np.int64]:
        """No rows; (k, k) steps of 2**-30."""
        return np.zeros(self.transition.shape, dtype=np.int64)

    def update(self, state: npt.NDArray[np.int64], chunk: Chunk) -> npt.NDArray[np.int64]:
        """Adds the chunk's posteriors."""
        return self.merge(state, self.rows_and_state(chunk)[1])

    def merge(self, left: npt.NDArray[np.int64], right: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Adds the posteriors."""
        return whole_sum(left, right)

    def finalize(self, state: npt.NDArray[np.int64]) -> ClassMatrix:
        """Expected rows by given label and true class."""
        return state / POSTERIOR_STEPS

    def rows_and_state(self, chunk: Chunk) -> tuple[Chunk, npt.NDArray[np.int64]]:
        """The fields of `RowEstimates` for the chunk's rows, and their posteriors added up."""
        labels, k = chunk["labels"], len(self.transition)
        near, entries = near_probs(self._near(chunk), k, self.power), entries_of(self.transition)
        found = row_posteriors(labels, near, entries, steps=self.steps)
        answers = {
            "log_odds": self._log_odds(found),
            "suggested": found.suggested,
            "suggested_prob": found.suggested_prob,
            "doubted": near.classes[0] != labels,
        }
        return answers, found.joint

    def _near(self, chunk: Chunk) -> npt.NDArray[np.float32]:
        near: npt.NDArray[np.float32] = chunk["near"]
        return near

    def _log_odds(self, found: RowPosteriors) -> Numbers:
        log_odds = _logs(found.others) - _logs(found.given)
        if self.by_margin:
            log_odds = (1 - self.by_margin) * log_odds + self.by_margin * MARGIN_WEIGHT * found.margin
        log_odds += _APART * found.lead
        return _within_reach(log_odds)


@dataclass(frozen=True)
class RowErrorOdds(NearErrorOdds):
    """The same, from probabilities as the model gave them."""

    columns: ClassVar[tuple[str, ...]] = ("labels", "probs")

    def _near(self, chunk: Chunk) -> npt.NDArray[np.float32]:
        return NearClasses(len(self.transition)).rows(chunk)


def estimate_rows(odds: NearErrorOdds, **arrays: npt.NDArray[Any]) -> RowEstimates:
    """The estimates for the rows of these columns."""
    answers, joint = map_and_fold(odds, **arrays)
    return RowEstimates(**answers, joint=joint)


def _logs(values: npt.NDArray[np.float32]) -> Numbers:
    return np.asarray(np.log(values, dtype=np.float64))


def _within_reach(log_odds: Numbers) -> Numbers:
    """Log-odds beyond 20 grow as a logarithm, so that their probabilities can still be told apart."""
    near = np.clip(log_odds, -_FAR, _FAR)
    beyond = np.flatnonzero(near != log_odds)
    far = log_odds[beyond]
    near[beyond] += np.copysign(np.log1p(np.abs(far) - _FAR), far)
    return near
