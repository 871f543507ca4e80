"""The evenly spaced rows from which the temperature and the noise are read, of an array or of a stream."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from dechaff.core.over_arrays import map_arrays, over_arrays
from dechaff.core.temperature import fit_sharpness
from dechaff.methods.label_errors.confident_joint import calibrated_joint
from dechaff.methods.label_errors.label_noise import LabelNoise, label_noise_of
from dechaff.methods.label_errors.local_calibration import LocalCalibration, local_calibration
from dechaff.methods.label_errors.near_classes import NearClasses
from dechaff.methods.label_errors.plateau_transition import (
    STRAY_FOLDS,
    Plateau,
    PlateauEdges,
    PlateauRows,
    standard_errors_astray,
)
from dechaff.typing import Chunk, Labels, Probs

CALIBRATION_NUMBERS = 300_000
"""Probabilities, of evenly spaced rows, that fit the temperature: one number needs no more."""
NOISE_ROWS, NOISE_ROWS_A_CLASS = 100_000, 500
"""Evenly spaced rows from which the noise is estimated: in all, or per class if that is more."""
STRAY_SUSPECTED, AGREE_BY_CHANCE = 2.5, 0.1
"""Standard errors by which labels agree less on a plateau than below it, and how few of them agree, if folds were not
shuffled."""
_PIECE_NUMBERS = 2**18
"""Probabilities that are kept together, about."""
_Any = npt.NDArray[Any]


@dataclass(frozen=True)
class NoiseSample:
    """Evenly spaced rows of n, and the label counts of all rows."""

    n_rows: int
    counts: npt.NDArray[np.int64]
    """(k,) rows given each label."""
    calibration: tuple[_Any, _Any] = field(repr=False)
    """Labels and probabilities of the rows that fit the temperature."""
    noise: tuple[_Any, _Any] = field(repr=False)
    """The same of the rows from which the noise is read."""
    calibration_of_cells: LocalCalibration | None = field(default=None, repr=False)
    """What these probabilities went through; all others have to as well."""

    def calibrated(self) -> NoiseSample:
        """The sample with the model's errors mended where it errs in the same way (`locally_calibrated`).

        Not if folds were not shuffled: the cells would learn which rows lie in a fold that lacks a class.
        """
        found = local_calibration(*self.calibration, n_rows=self.n_rows)
        if found is None or _a_class_is_missing_in_folds(*self.calibration):
            return self
        one, two = ((own, map_arrays(found, labels=own, probs=of)) for own, of in (self.calibration, self.noise))
        return NoiseSample(self.n_rows, self.counts, one, two, found)

    def power(self) -> float:
        """One over the temperature."""
        return fit_sharpness(*self.calibration)

    def label_noise(self, power: float, near: npt.NDArray[np.float32] | None = None) -> LabelNoise:
        """How labels go wrong; `near` are the near classes of the rows, if they are known."""
        labels, probs = self.noise
        k = len(self.counts)
        near = map_arrays(NearClasses(k), labels=labels, probs=probs) if near is None else near
        noise = label_noise_of(labels, probs, near, power=power)
        noise = replace(noise, calibration=self.calibration_of_cells)
        if len(labels) == self.n_rows:
            return noise
        return replace(noise, joint=calibrated_joint(noise.joint, self.counts))


def _a_class_is_missing_in_folds(labels: Labels, probs: Probs) -> bool:
    """Whether the surest rows of a class carry its label much less often than its other rows do, or hardly ever."""
    k = probs.shape[1]
    run = over_arrays(labels=labels, near=map_arrays(NearClasses(k), labels=labels, probs=probs))
    power = fit_sharpness(labels, probs)
    plateau: Plateau = run(PlateauRows(run(PlateauEdges(k, power)), power))
    never = np.diagonal(plateau.labels) < AGREE_BY_CHANCE * plateau.rows
    return bool((standard_errors_astray(plateau) > np.where(never, STRAY_SUSPECTED, STRAY_FOLDS)).any())


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
class _Piece:
    """Picked rows of one stretch of the source, in order."""

    stretch: int
    rows: npt.NDArray[np.int64]
    labels: _Any
    probs: _Any

    def picked(self, some: Any) -> _Piece:
        """Some of its rows."""
        return _Piece(self.stretch, self.rows[some], self.labels[some], self.probs[some])


@dataclass(frozen=True)
class _Gathered:
    counts: npt.NDArray[np.int64]
    pieces: tuple[_Piece, ...]
    """In order. Small ones: of many classes all rows weigh gigabytes, which are not to be copied whenever some come."""


@dataclass(frozen=True)
class SampledRows:
    """The fold that gathers the sample of rows that come in chunks, with their numbers."""

    n_rows: int
    n_classes: int
    columns: ClassVar[tuple[str, ...]] = ("row", "labels", "probs")
    keyed_by: ClassVar[str | None] = None

    def init(self) -> _Gathered:
        """No rows."""
        return _Gathered(np.zeros(self.n_classes, dtype=np.int64), ())

    def update(self, state: _Gathered, chunk: Chunk) -> _Gathered:
        """Counts the labels and picks the rows that are meant."""
        rows, labels = chunk["row"], chunk["labels"]
        calibration, noise = steps_of(self.n_rows, self.n_classes)
        some = np.flatnonzero((rows % calibration == 0) | (rows % noise == 0))
        some = some[np.argsort(rows[some], kind="stable")]
        length = min(calibration, noise) * max(1, _PIECE_NUMBERS // self.n_classes)
        pieces = tuple(
            _Piece(int(rows[of[0]] // length), rows[of], labels[of], chunk["probs"][of])
            for of in np.split(some, np.flatnonzero(np.diff(rows[some] // length)) + 1)
            if len(of)
        )
        return self.merge(state, _Gathered(np.bincount(labels, minlength=self.n_classes), pieces))

    def merge(self, left: _Gathered, right: _Gathered) -> _Gathered:
        """Counts and pieces of both."""
        by_stretch: dict[int, list[_Piece]] = {}
        for piece in (*left.pieces, *right.pieces):
            by_stretch.setdefault(piece.stretch, []).append(piece)
        pieces = tuple(_in_one(some) for _, some in sorted(by_stretch.items()))
        return _Gathered(left.counts + right.counts, pieces)

    def finalize(self, state: _Gathered) -> NoiseSample:
        """The sample."""
        one, two = (_every(step, state.pieces, self.n_classes) for step in steps_of(self.n_rows, self.n_classes))
        return NoiseSample(self.n_rows, state.counts, one, two)


def _in_one(pieces: list[_Piece]) -> _Piece:
    """Pieces of one stretch."""
    if len(pieces) == 1:
        return pieces[0]
    columns = (np.concatenate([getattr(piece, name) for piece in pieces]) for name in ("rows", "labels", "probs"))
    both = _Piece(pieces[0].stretch, *columns)
    return both.picked(np.argsort(both.rows, kind="stable"))


def _every(step: int, pieces: tuple[_Piece, ...], n_classes: int) -> tuple[_Any, _Any]:
    """Labels and probabilities of evenly spaced rows, copied piece by piece."""
    meant = [np.flatnonzero(piece.rows % step == 0) for piece in pieces]
    n_rows = sum(map(len, meant))
    labels = np.empty(n_rows, dtype=pieces[0].labels.dtype if pieces else np.int64)
    probs = np.empty((n_rows, n_classes), dtype=pieces[0].probs.dtype if pieces else np.float32)
    stop = 0
    for piece, some in zip(pieces, meant, strict=True):
        start, stop = stop, stop + len(some)
        labels[start:stop], probs[start:stop] = piece.labels[some], piece.probs[some]
    return labels, probs
