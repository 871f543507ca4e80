"""What the noise posterior says of each row, in one pass that keeps no (n, k) array."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from dechaff.methods.label_errors.near_classes import NearClasses, NearProbs, near_probs
from dechaff.methods.label_errors.noise_posterior import STEPS, near_likelihood
from dechaff.typing import Chunk, ClassMatrix, Labels, Mask, Numbers

_RECORD = np.dtype([("row", "i8"), ("log_odds", "f8"), ("suggested", "i4"), ("suggested_prob", "f4"), ("doubted", "?")])
_STEPS_TO_ONE = 2**30
"""Probabilities are added up in whole steps: exact, in any order of rows."""
MARGIN_WEIGHT = 8.0
"""Log-odds that a margin of one is worth."""
_FAR = 20.0
_APART = 1e-4
"""Share of the model's own log-odds in ours: keeps rows apart that are beyond doubt."""


@dataclass(frozen=True)
class Verdicts:
    """What is known of some rows."""

    parts: tuple[npt.NDArray[Any], ...]
    """Record arrays by their first row; merging copies none of them."""
    joint: npt.NDArray[np.int64]
    """(k, k) posteriors added up by given label, in steps of 2**-30."""


@dataclass(frozen=True)
class RowsJudged:
    """The verdicts on all rows, in order."""

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
class NearVerdicts:
    """The fold that judges rows by their near classes; the column ``row`` (0 … n-1) says where an answer belongs.

    `by_margin` is how far the ranking goes by the plain margin of the model's probabilities, where T says little.
    """

    power: float
    transition: ClassMatrix
    by_margin: float = 0.0
    steps: int = STEPS
    columns: ClassVar[tuple[str, ...]] = ("row", "labels", "near")
    keyed_by: ClassVar[str | None] = None

    def init(self) -> Verdicts:
        """No rows."""
        return Verdicts((), np.zeros(self.transition.shape, dtype=np.int64))

    def update(self, state: Verdicts, chunk: Chunk) -> Verdicts:
        """Judges the chunk's rows."""
        labels, k = chunk["labels"], len(self.transition)
        if not len(labels):
            return state
        near = near_probs(chunk["near"], k, self.power)
        likely = near_likelihood(labels, near, self.transition, steps=self.steps)
        posterior = likely / likely.sum(axis=0)
        cells = labels * k + near.classes
        steps = np.rint(posterior.astype(np.float64) * _STEPS_TO_ONE)
        joint = np.bincount(cells.reshape(-1), weights=steps.reshape(-1), minlength=k * k).astype(np.int64)
        records = self._records(labels, near, likely, posterior)
        records["row"] = chunk["row"]
        return self.merge(state, Verdicts((records,), joint.reshape(k, k)))

    def merge(self, left: Verdicts, right: Verdicts) -> Verdicts:
        """Both."""
        parts = sorted(left.parts + right.parts, key=lambda part: int(part["row"][0]))
        return Verdicts(tuple(parts), left.joint + right.joint)

    def finalize(self, state: Verdicts) -> RowsJudged:
        """The verdicts in the order of their rows."""
        n = sum(len(part) for part in state.parts)
        log_odds, suggested_prob = np.empty(n), np.empty(n)
        suggested, doubted = np.empty(n, dtype=np.int64), np.empty(n, dtype=bool)
        for part in state.parts:
            rows = part["row"]
            log_odds[rows], suggested_prob[rows] = part["log_odds"], part["suggested_prob"]
            suggested[rows], doubted[rows] = part["suggested"], part["doubted"]
        return RowsJudged(log_odds, suggested, suggested_prob, doubted, state.joint / _STEPS_TO_ONE)

    def _records(
        self, labels: Labels, near: NearProbs, likely: npt.NDArray[Any], posterior: npt.NDArray[Any]
    ) -> npt.NDArray[Any]:
        places, own = np.arange(len(labels)), (near.classes == labels).argmax(axis=0)
        others = likely.copy()
        others[own, places] = 0
        best = others.argmax(axis=0)
        log_odds = np.log(others.sum(axis=0, dtype=np.float64)) - np.log(likely[own, places].astype(np.float64))
        rival = (near.classes[0] == labels).astype(np.intp)  # the first class that is not the given one
        if self.by_margin:
            margin = near.probs[rival, places].astype(np.float64) - near.probs[own, places]
            log_odds = (1 - self.by_margin) * log_odds + self.by_margin * MARGIN_WEIGHT * margin
        model_says = near.logs[rival, places].astype(np.float64) - near.logs[own, places]
        records = np.empty(len(labels), dtype=_RECORD)
        records["log_odds"] = _within_reach(log_odds + _APART * model_says)
        records["suggested"] = near.classes[best, places]
        records["suggested_prob"] = posterior[best, places]
        records["doubted"] = near.classes[0] != labels
        return records


@dataclass(frozen=True)
class RowVerdicts:
    """The same, from probabilities as the model gave them."""

    verdicts: NearVerdicts
    columns: ClassVar[tuple[str, ...]] = ("row", "labels", "probs")
    keyed_by: ClassVar[str | None] = None

    def init(self) -> Verdicts:
        """No rows."""
        return self.verdicts.init()

    def update(self, state: Verdicts, chunk: Chunk) -> Verdicts:
        """Picks the near classes of the chunk's rows, and judges them."""
        near = NearClasses(len(self.verdicts.transition)).rows(chunk)
        return self.verdicts.update(state, {"row": chunk["row"], "labels": chunk["labels"], "near": near})

    def merge(self, left: Verdicts, right: Verdicts) -> Verdicts:
        """Both."""
        return self.verdicts.merge(left, right)

    def finalize(self, state: Verdicts) -> RowsJudged:
        """The verdicts in the order of their rows."""
        return self.verdicts.finalize(state)


def _within_reach(log_odds: Numbers) -> Numbers:
    """Log-odds beyond 20 grow as a logarithm, so that their probabilities can still be told apart."""
    beyond = np.maximum(np.abs(log_odds) - _FAR, 0)
    return np.asarray(np.sign(log_odds) * (np.minimum(np.abs(log_odds), _FAR) + np.log1p(beyond)))
