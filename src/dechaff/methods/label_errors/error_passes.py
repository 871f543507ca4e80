"""How label errors are estimated, pass after pass: the same steps for arrays, files, run folders and clusters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dechaff.core.nth_largest import Cut
from dechaff.methods.label_errors.flag_rules import FlagLikely, FlagRule, FlagTop
from dechaff.methods.label_errors.label_noise import LabelNoise
from dechaff.methods.label_errors.noise_posterior import STEPS, STEPS_OF_PROBS
from dechaff.methods.label_errors.row_error_odds import RowErrorOdds
from dechaff.typing import ClassMatrix


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


def estimate_in_passes(
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
