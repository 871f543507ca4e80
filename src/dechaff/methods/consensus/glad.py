"""Annotators of different ability, and items of different difficulty."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from dechaff.core.fold import Gathered, GatheringFold, SumFold, gathered, iterate
from dechaff.methods.consensus.answer_rows import AnswerRows, softmax
from dechaff.typing import Chunk, Figures, Numbers, Probs

_STEPS = float(2**30)
_ITEM_ROUNDS = 8
_MOST_ROUNDS = 60
_SETTLED = 1e-3
_LEAST = 1e-10
_LONGEST_STEP = 0.5


@dataclass(frozen=True)
class Glad:
    """Probabilities and easiness of each item, and the ability of each annotator."""

    posterior: Probs = field(repr=False)
    """(n, k) float, rows sum to 1."""
    ability: Figures
    """(m,) 0 = answers at random, below 0 = errs on purpose."""
    easiness: Numbers = field(repr=False)
    """(n,) above 0; the log-odds of a right answer are ability times easiness."""


def glad(rows: AnswerRows) -> Glad:
    """Probabilities of each item, from annotators of different ability and items of different difficulty.

    Needs several answers per item, or else difficulty is the prior's. Classes count as equally frequent.

    Parameters
    ----------
    rows : AnswerRows

    Source
    ------
    Whitehill, Wu, Bergsma, Movellan, Ruvolo (2009), NIPS 22, equations 1 to 5, with their Gaussian priors of mean 1
    and spread 1 for ability and log-easiness. Differs: Newton steps for their gradient ascent.

    Examples
    --------
    >>> rows = AnswerRows.of(np.repeat(np.arange(6), 3), np.tile([0, 1, 2], 6), np.array([0, 0, 1, 1, 1, 1] * 3))
    >>> glad(rows).ability.round(1)
    array([1.3, 1.3, 0.2])
    """
    ability: Figures = iterate(
        lambda found: GladStep(found, rows.n_classes),
        rows.run,
        np.ones(rows.n_annotators),
        settled=lambda old, new: bool(np.abs(new - old).max() < _SETTLED),
        most_rounds=_MOST_ROUNDS,
    )
    posterior, easiness = rows.run(GladItems(ability, rows.n_classes, rows.n_items))
    return Glad(posterior, ability, easiness)


@dataclass(frozen=True)
class _JudgedItems:
    """Items of a chunk at their most probable easiness."""

    items: npt.NDArray[np.int64]
    starts: npt.NDArray[np.int64]
    annotators: npt.NDArray[np.int64]
    posterior: Probs
    log_easiness: Numbers
    pull: Numbers
    """(a,) probability that the answer is right, minus what ability and easiness say."""
    spread: Numbers
    """(a,) variance of the answer being right."""
    of_answers: npt.NDArray[np.int64]


def _judged(chunk: Chunk, ability: Figures, k: int) -> _JudgedItems:
    """EM on each item, whose easiness depends on its own answers alone."""
    columns = tuple(chunk[name] for name in ("labels", "annotators", "items"))
    order = np.lexsort(columns)  # sums of an item's answers do not depend on the order of rows
    labels, annotators, items = (column[order].astype(np.int64) for column in columns)
    starts = np.flatnonzero(np.concatenate([[True], items[1:] != items[:-1]])[: len(items)])
    place = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(items))))
    log_easiness = np.ones(len(starts))
    for last in (*([False] * _ITEM_ROUNDS), True):
        odds = ability[annotators] * np.exp(log_easiness)[place]
        right = np.clip(expit(odds), _LEAST, 1 - _LEAST)
        gain = np.log(right) - np.log((1 - right) / (k - 1))
        cells = np.bincount(place * k + labels, weights=gain, minlength=len(starts) * k)
        posterior = softmax(np.asarray(cells, dtype=np.float64).reshape(-1, k))
        pull, spread = posterior[place, labels] - right, right * (1 - right)
        if last:
            break
        slope = np.bincount(place, weights=pull * odds, minlength=len(starts)) - (log_easiness - 1)
        bend = np.bincount(place, weights=spread * odds**2, minlength=len(starts)) + 1
        log_easiness = log_easiness + np.clip(slope / bend, -_LONGEST_STEP, _LONGEST_STEP)
    return _JudgedItems(items[starts], starts, annotators, posterior, log_easiness, pull, spread, place)


@dataclass(frozen=True)
class _Slope:
    first: npt.NDArray[np.int64]
    second: npt.NDArray[np.int64]


@dataclass(frozen=True)
class GladStep(SumFold[_Slope]):
    """One Newton step on the abilities."""

    ability: Figures
    n_classes: int
    columns: ClassVar[tuple[str, ...]] = ("items", "annotators", "labels")
    keyed_by = "items"

    def init(self) -> _Slope:
        """No answers."""
        return _Slope(*np.zeros((2, len(self.ability)), dtype=np.int64))

    def update(self, state: _Slope, chunk: Chunk) -> _Slope:
        """Adds the pull of each answer on its annotator, in whole steps, so that sums are exact."""
        if not len(chunk["items"]):
            return state
        found = _judged(chunk, self.ability, self.n_classes)
        easiness = np.exp(found.log_easiness)[found.of_answers]
        return self.merge(
            state,
            _Slope(
                self._summed(found.annotators, found.pull * easiness),
                self._summed(found.annotators, found.spread * easiness**2),
            ),
        )

    def finalize(self, state: _Slope) -> Figures:
        """The next abilities."""
        slope = state.first / _STEPS - (self.ability - 1)
        step = slope / (state.second / _STEPS + 1)
        return np.asarray(self.ability + np.clip(step, -_LONGEST_STEP, _LONGEST_STEP))

    def _summed(self, annotators: npt.NDArray[np.int64], values: Numbers) -> npt.NDArray[np.int64]:
        steps = np.rint(values * _STEPS)
        return np.bincount(annotators, weights=steps, minlength=len(self.ability)).astype(np.int64)


@dataclass(frozen=True)
class GladItems(GatheringFold):
    """Probabilities and easiness of each item, for known abilities."""

    ability: Figures
    n_classes: int
    n_items: int
    columns: ClassVar[tuple[str, ...]] = ("items", "annotators", "labels")
    keyed_by = "items"

    def update(self, state: Gathered, chunk: Chunk) -> Gathered:
        """One more piece: items, probabilities and log-easiness."""
        found = _judged(chunk, self.ability, self.n_classes)
        return gathered(state, ((found.items, found.posterior, found.log_easiness),))

    def finalize(self, state: Gathered) -> tuple[Probs, Numbers]:
        """Both by item; an item without an answer has equal probabilities."""
        posterior, log_easiness = np.full((self.n_items, self.n_classes), 1 / self.n_classes), np.ones(self.n_items)
        for items, probs, some in state:
            posterior[items], log_easiness[items] = probs, some
        return posterior, np.exp(log_easiness)
