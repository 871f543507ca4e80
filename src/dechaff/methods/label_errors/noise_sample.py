"""The evenly spaced rows from which the temperature and the noise are read, of an array or of a stream."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from dechaff.core.over_arrays import map_arrays, over_arrays
from dechaff.methods.label_errors.calibrated_joint import calibrated_joint
from dechaff.methods.label_errors.label_noise import LabelNoise, label_noise_of
from dechaff.methods.label_errors.near_classes import NearClasses
from dechaff.methods.label_errors.temperature import sharpness
from dechaff.typing import Chunk, Labels, Probs

CALIBRATION_NUMBERS = 300_000
"""Probabilities, of evenly spaced rows, that fit the temperature: one number needs no more."""
NOISE_ROWS, NOISE_ROWS_A_CLASS = 100_000, 500
"""Rows, evenly spaced, from which the noise is read, or so many a class if that is more."""
_Any = npt.NDArray[Any]


@dataclass(frozen=True)
class NoiseSample:
    """Every so many rows of n, and the labels of all of them counted."""

    n_rows: int
    counts: npt.NDArray[np.int64]
    """(k,) rows given each label."""
    calibration: tuple[_Any, _Any] = field(repr=False)
    """Labels and probabilities of the rows that fit the temperature."""
    noise: tuple[_Any, _Any] = field(repr=False)
    """The same of the rows from which the noise is read."""

    def power(self) -> float:
        """One over the temperature."""
        return sharpness(*self.calibration)

    def label_noise(self, power: float, near: npt.NDArray[np.float32] | None = None) -> LabelNoise:
        """How labels go wrong; `near` are the near classes of the rows, where they are known."""
        labels, probs = self.noise
        k = len(self.counts)
        near = map_arrays(NearClasses(k), labels=labels, probs=probs) if near is None else near
        noise = label_noise_of(over_arrays(labels=labels, probs=probs, near=near), k, power=power)
        if len(labels) == self.n_rows:
            return noise
        return replace(noise, joint=calibrated_joint(noise.joint, self.counts))


def steps_of(n_rows: int, n_classes: int) -> tuple[int, int]:
    """Every how many rows the temperature and the noise are read.

    Examples
    --------
    >>> steps_of(1_000_000, 10)
    (34, 11)
    """
    return (
        1 + n_rows * n_classes // CALIBRATION_NUMBERS,
        1 + n_rows // max(NOISE_ROWS, NOISE_ROWS_A_CLASS * n_classes),
    )


def sampled(labels: Labels, probs: Probs) -> NoiseSample:
    """The sample of rows in memory, as views of them."""
    calibration, noise = steps_of(*probs.shape)
    return NoiseSample(
        len(labels),
        np.bincount(labels, minlength=probs.shape[1]),
        (labels[::calibration], probs[::calibration]),
        (labels[::noise], probs[::noise]),
    )


@dataclass(frozen=True)
class _Gathered:
    counts: npt.NDArray[np.int64]
    rows: npt.NDArray[np.int64]
    labels: _Any
    probs: _Any


@dataclass(frozen=True)
class SampledRows:
    """The fold that gathers the sample of rows that come in chunks, with their numbers."""

    n_rows: int
    n_classes: int
    columns: ClassVar[tuple[str, ...]] = ("row", "labels", "probs")
    keyed_by: ClassVar[str | None] = None

    def init(self) -> _Gathered:
        """No rows; their precision is that of the first ones."""
        nothing = np.empty(0, dtype=np.int64)
        probs = np.empty((0, self.n_classes), dtype=np.float32)
        return _Gathered(np.zeros(self.n_classes, dtype=np.int64), nothing, nothing, probs)

    def update(self, state: _Gathered, chunk: Chunk) -> _Gathered:
        """Counts the labels and picks the rows that are meant."""
        rows, labels = chunk["row"], chunk["labels"]
        calibration, noise = steps_of(self.n_rows, self.n_classes)
        some = np.flatnonzero((rows % calibration == 0) | (rows % noise == 0))
        counts = np.bincount(labels, minlength=self.n_classes)
        return self.merge(state, _Gathered(counts, rows[some], labels[some], chunk["probs"][some]))

    def merge(self, left: _Gathered, right: _Gathered) -> _Gathered:
        """Rows of both, in order."""
        rows = np.concatenate([left.rows, right.rows])
        order = np.argsort(rows, kind="stable")
        labels, probs = (np.concatenate(pair) for pair in ((left.labels, right.labels), (left.probs, right.probs)))
        return _Gathered(left.counts + right.counts, rows[order], labels[order], probs[order])

    def finalize(self, state: _Gathered) -> NoiseSample:
        """The sample."""
        calibration, noise = steps_of(self.n_rows, self.n_classes)
        pairs = []
        for step in (calibration, noise):
            meant = np.flatnonzero(state.rows % step == 0)
            pairs.append((state.labels[meant], state.probs[meant]))
        return NoiseSample(self.n_rows, state.counts, *pairs)
