"""Several models on the same folds: how good their probabilities are; the simplest of the best is kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from dechaff.core.intervals import wilson_interval
from dechaff.core.kept_results import once
from dechaff.core.progress import part_of
from dechaff.data.dataset import Dataset
from dechaff.methods.label_evidence.pooled_probs import mixture_weights
from dechaff.models.baseline_guard import LEAST
from dechaff.models.choose import Mixture, bind_together
from dechaff.models.model import Model
from dechaff.models.out_of_fold import each_out_of_fold
from dechaff.recipe.passes.request import AuditSettings
from dechaff.records.metrics import BaselineFacts, CalibrationBin, Candidate
from dechaff.typing import FitPredict, Labels, Probs, Score

CALIBRATION_BINS = 10
_Sums = npt.NDArray[np.float64]
ROWS_FOR_ALL_FOLDS = 20_000
"""Up to here candidates compete on all folds; on larger data on the first, where luck is small anyway."""


@dataclass(frozen=True)
class Raced:
    """The best candidate, by its place, with predictions of every row; `n_rows` were there to compare on.

    ``pooled`` are the predictions of all candidates together, ``panel`` is that mixture, ready to be trained again;
    where candidates met on one fold only, both are the winner alone.
    """

    winner: int
    probs: Probs
    bound: FitPredict
    candidates: tuple[Candidate, ...]
    n_rows: int
    pooled: Probs
    panel: FitPredict


def race(train: Dataset, models: Sequence[Model], folds: npt.NDArray[np.int64], settings: AuditSettings) -> Raced:
    """Every model on all folds, or on the first one where there are many rows; then the best on all."""
    codes, n_classes, threads = train.codes, len(train.class_names), settings.threads
    bounds = bind_together(models, train.table, train.features, n_classes, seed=settings.seed)
    on_all = len(models) == 1 or len(codes) <= ROWS_FOR_ALL_FOLDS
    heat = np.arange(folds.max() + 1) if on_all else np.array([0])
    rows = np.flatnonzero(np.isin(folds, heat) & (codes >= 0))
    rest = np.setdiff1d(np.arange(folds.max() + 1), heat)
    total = len(models) * len(heat) + len(rest)

    def predicted(some: Sequence[FitPredict], only: npt.NDArray[np.int64], before: int) -> list[Probs]:
        watch = part_of(settings.progress, before=before, total=total)

        def trained() -> dict[str, Probs]:
            found = each_out_of_fold(some, codes, folds, n_classes, only=only, progress=watch, threads=threads)
            return {f"probs-{place}": probs for place, probs in enumerate(found)}

        return list(once("baseline", trained).values())

    settings.progress("baseline", 0, total)
    runs = predicted(bounds, heat, 0)
    winner = simplest_of_the_best([log_losses(codes[rows], run[rows]) for run in runs])
    probs = runs[winner]
    if not on_all:
        probs = probs + predicted([bounds[winner]], rest, total - len(rest))[0]
    candidates = tuple(
        scored(model.name, codes[rows], run[rows], chosen=place == winner)
        for place, (model, run) in enumerate(zip(models, runs, strict=True))
    )
    weights = mixture_weights([run[rows] for run in runs], codes[rows]) if on_all else np.zeros(0)
    panel: FitPredict = Mixture(bounds, tuple(weights.tolist())) if on_all else bounds[winner]
    pooled = np.asarray(sum(w * run for w, run in zip(weights, runs, strict=True))) if on_all else probs
    return Raced(winner, probs, bounds[winner], candidates, len(rows), pooled, panel)


def simplest_of_the_best(losses: Sequence[npt.NDArray[np.float64]]) -> int:
    """The place of the first candidate that no later one beats by more than a standard error.

    Each entry holds the log-loss (m,) of the same rows; the simplest candidate comes first.

    Examples
    --------
    >>> simplest_of_the_best([np.array([0.50, 0.51, 0.52]), np.array([0.49, 0.52, 0.51])])
    0
    >>> simplest_of_the_best([np.array([0.50, 0.51, 0.52]), np.array([0.30, 0.29, 0.31])])
    1
    """
    best = 0
    for place in range(1, len(losses)):
        gain = losses[best] - losses[place]
        if gain.mean() > gain.std() / np.sqrt(len(gain)):
            best = place
    return best


def scored(name: str, codes: Labels, probs: Probs, *, chosen: bool) -> Candidate:
    """Accuracy and log-loss of one candidate."""
    accuracy = float((probs.argmax(axis=1) == codes).mean())
    return Candidate(name, accuracy, float(log_losses(codes, probs).mean()), chosen)


def log_losses(codes: Labels, probs: Probs) -> Score:
    """Minus the log of the probability of each row's label (n,).

    Examples
    --------
    >>> log_losses(np.array([0]), np.array([[0.5, 0.5]])).round(3)
    array([0.693])
    """
    return np.asarray(-np.log(np.maximum(probs[np.arange(len(codes)), codes], LEAST)))


@dataclass
class _ScoreSums:
    """Sums over labelled rows: by class, and by ten steps of confidence."""

    n_classes: int
    rows: _Sums = field(init=False)
    hits: _Sums = field(init=False)
    steps: _Sums = field(init=False)
    """(3, steps): rows, confidence and hits of each."""
    loss: float = 0.0

    def __post_init__(self) -> None:
        self.rows, self.hits = np.zeros(self.n_classes), np.zeros(self.n_classes)
        self.steps = np.zeros((3, CALIBRATION_BINS))

    def add(self, codes: Labels, probs: Probs) -> None:
        """Some labelled rows."""
        right, confidence = probs.argmax(axis=1) == codes, probs.max(axis=1)
        step = np.minimum((confidence * CALIBRATION_BINS).astype(np.int64), CALIBRATION_BINS - 1)
        self.rows += np.bincount(codes, minlength=self.n_classes)
        self.hits += np.bincount(codes, weights=right, minlength=self.n_classes)
        self.loss += float(log_losses(codes, probs).sum())
        for place in np.unique(step).tolist():
            mine = step == place
            self.steps[:, place] += mine.sum(), confidence[mine].sum(), right[mine].sum()

    def facts(self) -> BaselineFacts:
        """Accuracy with its interval, balanced accuracy, log-loss, the prior's accuracy, and calibration."""
        n, hits, present = int(self.rows.sum()), int(self.hits.sum()), self.rows > 0
        low, high = map(float, wilson_interval(hits / n, n))
        return BaselineFacts(
            accuracy=hits / n,
            accuracy_low=low,
            accuracy_high=high,
            balanced_accuracy=float((self.hits[present] / self.rows[present]).mean()),
            log_loss=self.loss / n,
            prior_accuracy=float(self.rows.max() / n),
            calibration=tuple(
                CalibrationBin(confidence=confidence / rows, accuracy=right / rows, rows=int(rows))
                for rows, confidence, right in self.steps.T.tolist()
                if rows
            ),
        )


def scores(n_classes: int, parts: Iterable[tuple[Labels, Probs]]) -> BaselineFacts:
    """The figures of all labelled rows; none if there is no such row.

    Parameters
    ----------
    n_classes : k
    parts : codes (n,), -1 = no label, and probabilities (n, k) of some rows each.
    """
    sums = _ScoreSums(n_classes)
    for codes, probs in parts:
        sums.add(codes[codes >= 0], probs[codes >= 0])
    return sums.facts() if sums.rows.sum() else BaselineFacts()
