"""How label errors are estimated, pass after pass, and which rows are flagged: for arrays, files and clusters alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from dechaff.core.top_rows import Cut
from dechaff.methods.label_errors.label_noise import LabelNoise
from dechaff.methods.label_errors.noise_posterior import RowErrorOdds
from dechaff.typing import Chunk, ClassMatrix


@dataclass(frozen=True)
class FlagTop:
    """Flags the rows of highest log-odds, ties by row number."""

    cut: Cut
    columns: ClassVar[tuple[str, ...]] = ("row", "log_odds")

    def rows(self, chunk: Chunk) -> npt.NDArray[np.bool_]:
        """Whether each row is flagged."""
        return self.cut.above(chunk["log_odds"], chunk["row"])


@dataclass(frozen=True)
class Rate:
    """Fraction of wrong labels, with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class OverallEstimates:
    """What is estimated for all labels together, and the rule that flags rows."""

    noise: LabelNoise
    power: float
    """One over the temperature."""
    joint: ClassMatrix
    """Expected rows by given label and true class."""
    rate: Rate
    flag_rule: FlagTop


def estimate_by_passes(
    noise: LabelNoise,
    power: float,
    n_rows: int,
    *,
    over_rows: Callable[[RowErrorOdds], ClassMatrix],
    cut: Callable[[int], Cut],
    known_rate: float | None = None,
) -> OverallEstimates:
    """From the noise of a sample of the rows to the estimates of all rows.

    Parameters
    ----------
    noise, power : of the sample (`NoiseSample`).
    n_rows : number of all rows.
    over_rows : one pass over all rows, which keeps the answers for each, and returns their joint.
    cut : finds where the n largest log-odds among these answers begin (`cut_of`).
    known_rate : fraction of wrong labels, if it is known from elsewhere.
    """
    joint = over_rows(RowErrorOdds(power, noise.transition, noise.blend, noise.steps, noise.calibration))
    value = max(0.0, float(1 - np.trace(joint) / max(1, n_rows))) if known_rate is None else known_rate
    rate = Rate(value, min(noise.low, value), max(noise.high, value)) if n_rows else Rate(0.0, 0.0, 1.0)
    return OverallEstimates(noise, power, joint, rate, FlagTop(cut(round(rate.value * n_rows))))
