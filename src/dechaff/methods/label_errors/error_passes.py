"""How label errors are estimated, pass after pass, and which rows are flagged: for arrays, files and clusters alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np
import numpy.typing as npt

from dechaff.core.top_rows import Cut
from dechaff.methods.label_errors.label_noise import LabelNoise
from dechaff.methods.label_errors.noise_posterior import STEPS, STEPS_OF_PROBS, RowErrorOdds
from dechaff.typing import Chunk, ClassMatrix

FLAG_ODDS = 0.8
"""Odds of the suggested class against the given one, from which on a row is flagged where the posteriors can be taken
at their word."""


class FlagRule(Protocol):
    """A row map to flags."""

    columns: ClassVar[tuple[str, ...]]

    def rows(self, chunk: Chunk) -> npt.NDArray[np.bool_]:
        """Whether each row is flagged."""


@dataclass(frozen=True)
class FlagLikely:
    """Flags rows in which another class is nearly as probable as the given one: F1 is best below one half."""

    columns: ClassVar[tuple[str, ...]] = ("log_odds", "suggested_prob")

    def rows(self, chunk: Chunk) -> npt.NDArray[np.bool_]:
        """Whether each row is flagged."""
        return np.asarray(chunk["suggested_prob"] > FLAG_ODDS * (1 - score_of(chunk["log_odds"])))


@dataclass(frozen=True)
class FlagTop:
    """Flags the rows of highest log-odds, ties by row number, where the model itself prefers another class."""

    cut: Cut
    columns: ClassVar[tuple[str, ...]] = ("row", "log_odds", "doubted")

    def rows(self, chunk: Chunk) -> npt.NDArray[np.bool_]:
        """Whether each row is flagged."""
        return self.cut.above(chunk["log_odds"], chunk["row"]) & chunk["doubted"]


def score_of(log_odds: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Probabilities, without the import of scipy; log-odds that grow as a logarithm beyond 20 do not overflow.

    Examples
    --------
    >>> score_of(np.array([0.0]))
    array([0.5])
    """
    score = np.negative(log_odds)
    np.exp(score, out=score)
    score += 1
    return np.reciprocal(score, out=score)


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
    steps: int
    """Of deconvolution."""
    joint: ClassMatrix
    """Expected rows by given label and true class."""
    rate: Rate
    flag_rule: FlagRule
    n_rows: int


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
    known_rate : fraction of wrong labels, where it is known better.
    """
    steps = STEPS_OF_PROBS if noise.readings.stray_folds else STEPS
    joint = over_rows(RowErrorOdds(power, noise.transition, noise.by_margin, steps))
    rate = _rate(noise, joint, n_rows, known_rate)
    rule = FlagLikely() if _flags_likely(noise, known_rate) else FlagTop(cut(round(rate.value * n_rows)))
    return OverallEstimates(noise, power, steps, joint, rate, rule, n_rows)


def _rate(noise: LabelNoise, joint: ClassMatrix, n_rows: int, known_rate: float | None) -> Rate:
    """The rate, from the posteriors of all rows added up; `known_rate` where it is known better."""
    by_posterior = float(1 - np.trace(joint) / max(1, n_rows))
    rate = noise.readings.rate(by_posterior) if known_rate is None else known_rate
    return Rate(
        rate,
        max(0.0, min(noise.low, rate, by_posterior - noise.margin)),
        min(1.0, max(noise.high, rate, by_posterior + noise.margin)),
    )


def _flags_likely(noise: LabelNoise, known_rate: float | None) -> bool:
    """Whether the posteriors are calibrated, so that no rate need say how many rows to flag."""
    return noise.readings.stray_folds and known_rate is None
