"""Which operation helps a model, found by successive halving and tested on fresh folds; or none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from math import ceil
from typing import Any, TypeAlias

import numpy as np

from dechaff.core.intervals import clopper_pearson_interval
from dechaff.core.progress import Progress, silent
from dechaff.core.temperature import fit_sharpness, sharpened
from dechaff.errors import DechaffError, InputError
from dechaff.estimators.augmentation.changeable_rows import ChangeableRows
from dechaff.estimators.augmentation.study import AugmentationStudy, Candidate, FlipRate, Tested, Tried
from dechaff.estimators.training_rows import take
from dechaff.methods.augmentation.in_turn import InTurn
from dechaff.methods.augmentation.operation import Operation
from dechaff.methods.proof.corrected_resampled import corrected_resampled_interval
from dechaff.methods.proof.paired_interval import Interval
from dechaff.methods.proof.row_scores import row_scores
from dechaff.typing import Groups, Labels, Mask, Numbers, Probs, Rows

Predict: TypeAlias = Callable[[Any], Probs]
"""Gives the probabilities (m, k) of rows."""
Fit: TypeAlias = Callable[[Any, Labels], Predict]
"""Trains a model on rows and their codes."""
_COMBINED = 3
"""Operations that are also tried in turn: the best ones of the first repeat."""
_MOST_NEW, _MOST_COPIES = 2000, 8


@dataclass(frozen=True)
class Search:
    """How operations are searched and tested. Every child of a row stays on the training side of a fold."""

    fit: Fit
    rows: ChangeableRows
    X: Any
    codes: Labels
    n_classes: int
    deal: Callable[[int], Groups]
    """A fold for each row, from the number of the repeat."""
    max_flip_rate: float = 0.15
    repeats: int = 4
    """Repeats of the test on fresh folds."""
    copies: int | None = None
    seed: int = 0
    progress: Progress = field(default=silent)

    @property
    def n_copies(self) -> int:
        """New rows per row: more for few rows."""
        return self.copies or int(np.clip(_MOST_NEW // max(len(self.codes), 1), 1, _MOST_COPIES))

    def study(self, operations: Sequence[Operation]) -> AugmentationStudy:
        """Tries operations at all their strengths, and tests the best one."""
        if not operations:
            return AugmentationStudy((), None, self.n_copies, "there is no operation for such rows")
        first = _Repeat.of(self, 0)
        candidates = [Candidate(one, strength) for one in operations for strength in one.strengths]
        runners = [_Runner(Tried(one)) for one in candidates]
        alive, number = self._raced(runners, first), 1
        combined = [_Runner(Tried(one)) for one in _combined(alive)]
        alive = [*alive[: ceil(len(alive) / 2)], *combined]
        while len(alive) > 1:
            alive = self._raced(alive, _Repeat.of(self, number))
            alive, number = alive[: ceil(len(alive) / 2)], number + 1
        tested = None
        if alive and alive[0].mean > 0:
            tested = self._test(alive[0].tried.candidate, number)
        known = sorted((one.result() for one in (*runners, *combined)), key=_by_gain)
        return AugmentationStudy(tuple(known), tested, self.n_copies)

    def _raced(self, runners: Sequence[_Runner], repeat: _Repeat) -> list[_Runner]:
        """Those that can still win after one more repeat, the best first."""
        for done, one in enumerate(runners):
            try:
                models, _ = repeat.trained(one.tried.candidate)
                if one.tried.flips is None:
                    one.tried = self._with_flips(one.tried, repeat, models)
                one.scores.append(repeat.scores(models))
            except Exception as error:  # of an operation, which may be the user's, or of the model
                one.tried = replace(one.tried, refused=_reason(error))
            self.progress(f"augmentation, repeat {repeat.number + 1}", done + 1, len(runners))
        return sorted((one for one in runners if not one.tried.refused), key=lambda one: -one.rank)

    def _with_flips(self, tried: Tried, repeat: _Repeat, models: Sequence[Predict]) -> Tried:
        flips, n, changed = repeat.flips(tried.candidate, models)
        if not changed:
            return replace(tried, refused="it changes no row")
        rate = FlipRate(flips, n, *(clopper_pearson_interval(flips, n) if n else (0.0, 1.0)))
        many = f"{rate.rate:.0%} of the new rows look like another class".replace("%", " %")
        return replace(tried, flips=rate, refused=many if rate.low > self.max_flip_rate else "")

    def rng(self, number: int) -> np.random.Generator:
        """A generator for each number."""
        return np.random.default_rng([self.seed, number])

    def augmented(self, candidate: Candidate, rows: Rows, seed: int, *, copies: int | None = None) -> tuple[Any, Rows]:
        """New rows of some training rows, in the form of X, and the position of the parent of each."""
        X, rng = take(self.X, rows), self.rng(seed)
        part, parts, parents = self.rows.part(X), [], []
        for _ in range(copies or self.n_copies):
            made = candidate.operation.new_rows(part, self.codes[rows], candidate.strength, rng)
            parts.append(self.rows.filled(take(X, made.parents), made.rows))
            parents.append(rows[made.parents])
        return self.rows.joined(parts), np.concatenate(parents)

    def _test(self, candidate: Candidate, first: int) -> Tested:
        found: list[_Scores] = []
        copied: list[Numbers] = []
        for number in range(self.repeats):
            repeat = _Repeat.of(self, first + number)
            models, parents = repeat.trained(candidate)
            found.append(repeat.scores(models))
            copied.append(repeat.gain_over_copies(models, parents))
            self.progress("augmentation, fresh folds", number + 1, self.repeats)
        return Tested(
            candidate,
            gain=_interval([one.gain for one in found]),
            accuracy=_interval([one.accuracy for one in found]),
            calibrated_gain=_interval([one.calibrated_gain for one in found]),
            log_loss=_interval([one.log_loss for one in found]),
            over_prior=_interval([one.over_prior for one in found]),
            over_copies=_interval(copied),
            accuracy_before=float(np.mean([one.before for one in found])),
            accuracy_after=float(np.mean([one.after for one in found])),
        )


@dataclass
class _Runner:
    """A candidate in the race, and its scores so far."""

    tried: Tried
    scores: list[_Scores] = field(default_factory=list)

    @property
    def mean(self) -> float:
        return float(np.mean([one.gain.mean() for one in self.scores]))

    @property
    def rank(self) -> float:
        """Gain before and after calibration: what only calibrates must not hide what teaches."""
        return self.mean + float(np.mean([one.calibrated_gain.mean() for one in self.scores]))

    def result(self) -> Tried:
        if not self.scores:
            return self.tried
        gain, right = _interval([one.gain for one in self.scores]), _interval([one.accuracy for one in self.scores])
        return replace(self.tried, gain=gain, accuracy=right, repeats=len(self.scores))


@dataclass(frozen=True)
class _Scores:
    """After - before for each fold of a repeat, higher = better; and the accuracies of all rows."""

    gain: Numbers
    calibrated_gain: Numbers
    accuracy: Numbers
    log_loss: Numbers
    over_prior: Numbers
    """Of the model with new rows, over the fractions of the classes."""
    before: float
    after: float


@dataclass(frozen=True)
class _Repeat:
    """One cross-validation: its folds, the models without augmentation, and their probabilities."""

    search: Search
    number: int
    folds: Groups
    models: list[Predict]
    probs: Probs

    @classmethod
    def of(cls, search: Search, number: int) -> _Repeat:
        folds = search.deal(number)
        models = [search.fit(take(search.X, learnt), search.codes[learnt]) for learnt, _ in _splits(folds)]
        return cls(search, number, folds, models, _held_out(search, folds, models))

    def trained(self, candidate: Candidate) -> tuple[list[Predict], list[Rows]]:
        """The model of each fold, trained on the other rows and their children; and the parents of these."""
        search, models, of = self.search, list[Predict](), list[Rows]()
        for fold, (learnt, _) in enumerate(_splits(self.folds)):
            made, parents = search.augmented(candidate, learnt, 1000 * self.number + fold)
            X = search.rows.joined([_alike(search.rows, take(search.X, learnt)), made])
            models.append(search.fit(X, search.codes[np.concatenate([learnt, parents])]))
            of.append(parents)
        return models, of

    def gain_over_copies(self, models: Sequence[Predict], parents: Sequence[Rows]) -> Numbers:
        """Gain by fold over models for which each new row was replaced with its parent.

        More rows weaken a penalty on weights, for example, whatever the rows are: an operation gets no credit for that.
        """
        search, copied = self.search, []
        for (learnt, _), of in zip(_splits(self.folds), parents, strict=True):
            rows = np.concatenate([learnt, of])
            copied.append(search.fit(_alike(search.rows, take(search.X, rows)), search.codes[rows]))
        codes = search.codes
        after, before = (_held_out(search, self.folds, some) for some in (models, copied))
        return self._by_fold(_brier(codes, after) - _brier(codes, before))

    def scores(self, models: Sequence[Predict]) -> _Scores:
        """Models of the folds against those without augmentation."""
        codes, before = self.search.codes, self.probs
        after = _held_out(self.search, self.folds, models)
        of_classes = np.bincount(codes, minlength=after.shape[1]) / len(codes)
        sharp = [_brier(codes, _calibrated(codes, one)) for one in (before, after)]
        right = [row_scores("accuracy", codes, one).rows for one in (before, after)]
        losses = [row_scores("log_loss", codes, one).rows for one in (before, after)]
        return _Scores(
            gain=self._by_fold(_brier(codes, after) - _brier(codes, before)),
            calibrated_gain=self._by_fold(sharp[1] - sharp[0]),
            accuracy=self._by_fold(right[1] - right[0]),
            log_loss=self._by_fold(losses[1] - losses[0]),
            over_prior=self._by_fold(sharp[1] - _brier(codes, np.tile(of_classes, (len(codes), 1)))),
            before=float(right[0].mean()),
            after=float(right[1].mean()),
        )

    def flips(self, candidate: Candidate, models: Sequence[Predict]) -> tuple[int, int, bool]:
        """Children of held-out rows that look like another class; of how many; and whether any row was changed.

        Counted among rows whose label is predicted by the model without augmentation. A child looks like another class
        if both this model and the one that knows other rows changed in the same way say so: a model that has never seen
        such a change may just not know it.
        """
        search, flips, n, any_changed = self.search, 0, 0, False
        for fold, (_, held_out) in enumerate(_splits(self.folds)):
            X = take(search.X, held_out)
            part, codes = search.rows.part(X), search.codes[held_out]
            made = candidate.operation.new_rows(part, codes, candidate.strength, search.rng(fold))
            changed = _differs(made.rows, part[made.parents])
            right = self.probs[held_out].argmax(axis=1) == codes
            known, any_changed = changed & right[made.parents], any_changed or bool(changed.any())
            if known.any():
                of = made.parents[known]
                children = search.rows.filled(take(X, of), made.rows[known])
                wrong = [model(children).argmax(axis=1) != codes[of] for model in (self.models[fold], models[fold])]
                flips, n = flips + int((wrong[0] & wrong[1]).sum()), n + len(of)
        return flips, n, any_changed

    def _by_fold(self, rows: Numbers) -> Numbers:
        return np.bincount(self.folds, rows) / np.bincount(self.folds)


def check_flip_rate(rate: float) -> None:
    """An InputError if the largest label-flip rate is not a fraction."""
    if not 0 <= rate <= 1:
        raise InputError("max_flip_rate", "be a fraction from 0 to 1", f"{rate:g}", "Write 0.15 for 15 %.")


def _splits(folds: Groups) -> Iterator[tuple[Rows, Rows]]:
    for fold in range(int(folds.max()) + 1):
        yield np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)


def _held_out(search: Search, folds: Groups, models: Sequence[Predict]) -> Probs:
    probs = np.zeros((len(folds), search.n_classes))
    for model, (_, held_out) in zip(models, _splits(folds), strict=True):
        probs[held_out] = model(take(search.X, held_out))
    return probs


def _brier(codes: Labels, probs: Probs) -> Numbers:
    """(n,) one minus half the squared distance to the label; 1 = sure and right, 0 = sure and wrong."""
    return np.asarray(1 - np.square(probs - np.eye(probs.shape[1])[codes]).sum(axis=1) / 2)


def _alike(rows: ChangeableRows, X: Any) -> Any:
    """Rows as they are, in the form of changed rows."""
    return rows.filled(X, rows.part(X))


def _differs(one: Any, other: Any) -> Mask:
    equal = (one == other) | ((one != one) & (other != other))
    return np.asarray(~np.asarray(equal, dtype=np.bool_).reshape(len(one), -1).all(axis=1), dtype=np.bool_)


def _calibrated(codes: Labels, probs: Probs) -> Probs:
    """Probabilities at their best temperature: an operation that only makes them less extreme gains nothing."""
    return sharpened(probs, power=fit_sharpness(codes, probs))


def _combined(ranked: list[_Runner]) -> list[Candidate]:
    """The best operations in turn, if they gain anything alone: each pair, and all of them."""
    best: dict[str, Candidate] = {}
    for one in ranked:
        if one.mean > 0 and one.tried.candidate.operation.kind != "table":
            best.setdefault(one.tried.candidate.operation.name, one.tried.candidate)
    chosen = list(best.values())[:_COMBINED]
    groups = [*combinations(chosen, 2), *([tuple(chosen)] if len(chosen) == _COMBINED else [])]
    return [Candidate(InTurn(tuple((one.operation, one.strength) for one in group)), 1.0) for group in groups]


def _by_gain(tried: Tried) -> float:
    return np.inf if tried.gain is None else -tried.gain.mean


def _interval(by_repeat: list[Numbers]) -> Interval:
    return corrected_resampled_interval(np.concatenate(by_repeat), held_out=1 / len(by_repeat[0]))


def _reason(error: Exception) -> str:
    return str(error).replace("\n", " ") if isinstance(error, DechaffError) else f"{type(error).__name__}: {error}"
