"""What the noise posterior says of each row, in one pass that keeps no (n, k) array."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from dechaff.core.exact_sum import ExactSum, exact_sum_by, exact_zero
from dechaff.methods.label_errors.noise_posterior import NoisePosterior
from dechaff.methods.label_errors.temperature import Sharpened
from dechaff.typing import Chunk, ClassMatrix, ClassVector, Labels, Mask, Numbers, Probs

_RECORD = np.dtype([("row", "i8"), ("log_odds", "f8"), ("suggested", "i8"), ("suggested_prob", "f8"), ("doubted", "?")])
_TINY = 1e-300


@dataclass(frozen=True)
class Verdicts:
    """What is known of some rows."""

    parts: tuple[npt.NDArray[Any], ...]
    """Record arrays by their first row; merging copies none of them."""
    joint: ExactSum
    """(k, k) posteriors added up by given label."""


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
class RowVerdicts:
    """The fold that judges rows chunk by chunk; the column ``row`` (0 … n-1) says where an answer belongs."""

    power: float
    transition: ClassMatrix
    prior: ClassVector
    columns: ClassVar[tuple[str, ...]] = ("row", "labels", "probs")
    keyed_by: ClassVar[str | None] = None

    def posterior(self, labels: Labels, probs: Probs) -> Probs:
        """p(true = j | row, given label), from probabilities as the model gave them."""
        honest = Sharpened(self.power).rows({"probs": probs})
        return NoisePosterior(self.transition, self.prior).rows({"labels": labels, "probs": honest})

    def init(self) -> Verdicts:
        """No rows."""
        return Verdicts((), exact_zero(self.transition.shape))

    def update(self, state: Verdicts, chunk: Chunk) -> Verdicts:
        """Judges the chunk's rows."""
        labels = chunk["labels"]
        posterior = self.posterior(labels, chunk["probs"])
        joint = exact_sum_by(labels, posterior, len(self.prior))
        records = _records(labels, posterior)
        records["row"] = chunk["row"]
        records["doubted"] = chunk["probs"].argmax(axis=1) != labels
        return self.merge(state, Verdicts((records,) if len(records) else (), joint))

    def merge(self, left: Verdicts, right: Verdicts) -> Verdicts:
        """Both."""
        parts = sorted(left.parts + right.parts, key=lambda part: int(part["row"][0]))
        return Verdicts(tuple(parts), left.joint + right.joint)

    def finalize(self, state: Verdicts) -> RowsJudged:
        """The verdicts in the order of their rows."""
        n = sum(len(part) for part in state.parts)
        columns = {name: np.empty(n, dtype=_RECORD[name]) for name in _RECORD.names or () if name != "row"}
        for part in state.parts:
            for name, column in columns.items():
                column[part["row"]] = part[name]
        return RowsJudged(**columns, joint=state.joint.value())


def _records(labels: Labels, posterior: Probs) -> npt.NDArray[Any]:
    """The verdicts on some rows; uses the posterior up."""
    rows = np.arange(len(labels))
    own = posterior[rows, labels]
    posterior[rows, labels] = 0.0
    records = np.empty(len(labels), dtype=_RECORD)
    # 1 - own would lose what is below 1e-16; the others added up do not
    records["log_odds"] = np.log(np.maximum(posterior.sum(axis=1), _TINY)) - np.log(np.maximum(own, _TINY))
    posterior[rows, labels] = -1.0
    suggested = posterior.argmax(axis=1)
    records["suggested"] = suggested
    records["suggested_prob"] = posterior[rows, suggested]
    return records
