"""What the noise of a set of labels makes of each row, and what the rows make of the noise rate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dechaff.methods.label_errors.label_noise import LabelNoise
from dechaff.methods.label_errors.noise_posterior import STEPS, STEPS_OF_PROBS
from dechaff.methods.label_errors.row_verdicts import RowVerdicts
from dechaff.typing import ClassMatrix


@dataclass(frozen=True)
class Rate:
    """Share of wrong labels, with its 95 % interval."""

    value: float
    low: float
    high: float


def verdicts_by(noise: LabelNoise, power: float) -> RowVerdicts:
    """What judges each row."""
    steps = STEPS_OF_PROBS if noise.readings.stray_folds else STEPS
    return RowVerdicts(power, noise.transition, noise.by_margin, steps)


def rate_by(noise: LabelNoise, joint: ClassMatrix, n_rows: int, known_rate: float | None = None) -> Rate:
    """The rate, from the posteriors of all rows added up; `known_rate` where it is known better."""
    by_posterior = float(1 - np.trace(joint) / max(1, n_rows))
    rate = noise.readings.rate(by_posterior) if known_rate is None else known_rate
    return Rate(
        rate,
        max(0.0, min(noise.low, rate, by_posterior - noise.margin)),
        min(1.0, max(noise.high, rate, by_posterior + noise.margin)),
    )


def flags_likely(noise: LabelNoise, known_rate: float | None = None) -> bool:
    """Whether the posteriors can be taken at their word, and no rate need say how many rows to flag."""
    return noise.readings.stray_folds and known_rate is None
