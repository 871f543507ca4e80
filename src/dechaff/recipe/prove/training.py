"""The training that a proof rests on: before, after and a random control, over draws that they share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from dechaff.core.progress import Progress, silent
from dechaff.data.dataset import Dataset
from dechaff.methods.proof.pair_rows import random_control
from dechaff.methods.proof.paired_interval import shared_draws
from dechaff.methods.proof.row_scores import RowScores, row_scores
from dechaff.models.choose import bind_together, candidate_models
from dechaff.models.model import Fitted, Model
from dechaff.models.out_of_fold import out_of_fold, side_by_side, stratified_group_folds
from dechaff.recipe.explore.content_hashes import data_hashes
from dechaff.recipe.prove.inputs import Prepared
from dechaff.typing import Labels, Mask, Probs, Rows

ENOUGH_ROWS = 5_000
"""Rows that a choice between two models needs; more would cost time and not turn it."""
N_FOLDS = 3


@dataclass(frozen=True)
class Trainings:
    """How the models of a proof are trained and scored.

    Parameters
    ----------
    model : Model, optional
        The better of the usual ones for such a table, chosen by cross-validation on `before`, unless given.
    metric : accuracy, balanced_accuracy, f1, log_loss or auc
    n_seeds : int >= 2, optional
        10 unless given; 5 above 20,000 training rows.
    seed : int
        Decides draws, model seeds, control and resamples.
    progress : called after every training.
    threads : trainings at once; the answer is the same for any number.
    control : whether the random control is trained, too; without it, its scores are empty.
    """

    model: Model | None = None
    metric: str = "accuracy"
    n_seeds: int | None = None
    seed: int = 0
    progress: Progress = silent
    threads: int = 1
    control: bool = True


@dataclass
class Scores:
    """Scores of one version of the data on the test rows, filled seed by seed."""

    metric: str
    by_seed: list[RowScores] = field(default_factory=list)
    hits: list[Mask] = field(default_factory=list)
    """For each seed the test rows whose most probable class is the label."""
    summed: Probs | None = None
    own: Mask | None = None
    """Rows that the first seed did not draw: whether their label is the most probable class."""

    def add(self, labels: Labels, probs: Probs) -> None:
        """Score the predictions of one more seed."""
        self.by_seed.append(row_scores(self.metric, labels, probs))
        self.hits.append(probs.argmax(axis=1) == labels)
        self.summed = probs if self.summed is None else self.summed + probs

    @property
    def probs(self) -> Probs:
        """Probabilities averaged over the seeds: what all models together say."""
        assert self.summed is not None
        return self.summed / len(self.by_seed)


@dataclass(frozen=True)
class Trained:
    """The three versions; ``after`` and ``control`` are ``before`` itself where nothing was changed."""

    before: Scores
    after: Scores
    control: Scores


@dataclass(frozen=True)
class _Draw:
    """One seed's draw: how often each row before cleaning, and each added row, is trained on."""

    old: npt.NDArray[np.int64]
    added: npt.NDArray[np.int64]
    seed: int
    rng: np.random.Generator


def train_all(rows: Prepared, model: Model, by: Trainings, n_seeds: int) -> Trained:
    """Train and score each version once a seed; a seed's three models share draw and model seed.

    Only `before` and `after` reach ``fit``. Every seed fits anew, the encoding too: a representation computed
    once would have to hold the test rows to predict them, and nothing that is fitted may read those.
    """
    before, after, control = (Scores(by.metric) for _ in range(3))
    sides: list[tuple[Scores, _Chosen]] = [(before, _before)]
    if not rows.same_training:
        sides += [(after, _after), (control, _control)] if by.control else [(after, _after)]
    total = n_seeds * len(sides)
    done = 0
    by.progress("prove", done, total)
    for child in np.random.SeedSequence(by.seed).spawn(n_seeds):
        # `_before` and `_after` read no randomness, so the control alone moves the draw's generator.
        predict = partial(_predicted, rows, model, _drawn(rows, child))
        predicted = side_by_side(predict, [(scores, chosen) for scores, chosen in sides], threads=by.threads)
        for (scores, _), probs in zip(sides, predicted, strict=True):
            scores.add(rows.test.codes, probs)
            done += 1
            by.progress("prove", done, total)
    if rows.same_training:
        return Trained(before, before, before)
    return Trained(before, after, control)


_Chosen: TypeAlias = Callable[[Prepared, _Draw], tuple[Dataset, Rows, Labels]]


def _predicted(rows: Prepared, model: Model, draw: _Draw, side: tuple[Scores, _Chosen]) -> Probs:
    scores, chosen = side
    fitted = _fit(model, *chosen(rows, draw), len(rows.class_names), draw.seed)
    if chosen is _before and scores.own is None:
        scores.own = _repeated(fitted, rows.before, draw.old > 0)
    return rows.test.probs(fitted)


def _repeated(fitted: Fitted, data: Dataset, drawn: Mask) -> Mask:
    """Of the rows that a model has not seen, no copy of them and none of their group: whether it repeats the label."""
    content = data_hashes(data)
    seen = np.isin(content, content[drawn]) | ((data.groups >= 0) & np.isin(data.groups, data.groups[drawn]))
    rows = np.flatnonzero(~seen & (data.codes >= 0))[:ENOUGH_ROWS]
    features = None if data.features is None else data.features[rows]
    if not len(rows):
        return np.zeros(0, dtype=np.bool_)
    return np.asarray(fitted.probs(data.table.take(rows), features).argmax(axis=1) == data.codes[rows])


def _drawn(rows: Prepared, child: np.random.SeedSequence) -> _Draw:
    rng = np.random.default_rng(child)
    old = shared_draws(rows.before.codes, rng=rng)
    added = shared_draws(rows.after.codes[rows.pairing.added], rng=rng)
    return _Draw(old, added, int(child.generate_state(1)[0] >> 1), rng)


def _fit(model: Model, data: Dataset, chosen: Rows, labels: Labels, n_classes: int, seed: int) -> Fitted:
    labelled = labels >= 0
    chosen, labels = chosen[labelled], labels[labelled]
    features = None if data.features is None else data.features[chosen]
    return model.fit(data.table.take(chosen), features, labels, n_classes, seed=seed)


def _before(rows: Prepared, draw: _Draw) -> tuple[Dataset, Rows, Labels]:
    chosen = np.repeat(np.arange(len(draw.old)), draw.old)
    return rows.before, chosen, rows.before.codes[chosen]


def _after(rows: Prepared, draw: _Draw) -> tuple[Dataset, Rows, Labels]:
    """Kept rows in the order they had before, so that a mere shuffle of the file trains the very same model."""
    kept = np.flatnonzero(rows.pairing.partner >= 0)
    old = np.repeat(rows.pairing.partner[kept], draw.old[kept])
    chosen = np.concatenate([old, np.repeat(rows.pairing.added, draw.added)])
    return rows.after, chosen, rows.after.codes[chosen]


def _control(rows: Prepared, draw: _Draw) -> tuple[Dataset, Rows, Labels]:
    """Random rows of the same classes dropped and relabelled; for each added row an old one of its class repeated."""
    given, partner = rows.before.codes, rows.pairing.partner
    cleaned = np.where(partner >= 0, rows.after.codes[partner], -1)
    kept, labels = random_control(given, partner >= 0, cleaned, rng=draw.rng)
    old = np.repeat(np.flatnonzero(kept), draw.old[kept])
    # Added rows without a label train nothing, so nothing stands in for them.
    drawn = np.where(rows.after.codes[rows.pairing.added] >= 0, draw.added, 0)
    stand_ins = _stand_ins(given, rows.after.codes[rows.pairing.added], draw.rng)
    repeated = np.repeat(stand_ins, drawn)
    return rows.before, np.concatenate([old, repeated]), np.concatenate([labels[old], given[repeated]])


def _stand_ins(given: Labels, wanted: Labels, rng: np.random.Generator) -> Rows:
    """For each wanted label a random row that carries it; of a new class, any labelled row."""
    rows = np.empty(len(wanted), dtype=np.int64)
    for label in np.unique(wanted):
        pool = np.flatnonzero(given == label)
        places = np.flatnonzero(wanted == label)
        rows[places] = rng.choice(pool if len(pool) else np.flatnonzero(given >= 0), len(places))
    return rows


def better_candidate(before: Dataset, *, seed: int) -> Model:
    """The usual model for such a table with the smallest log-loss out of fold, on the data before cleaning only.

    Choosing on the cleaned data too would favour a model that suits the cleaning.
    """
    candidates = candidate_models(before.table, before.features, n_classes=len(before.class_names))
    if len(candidates) == 1:
        return candidates[0]
    labelled = np.flatnonzero(before.codes >= 0)
    rng = np.random.default_rng(seed)
    chosen = np.sort(rng.permutation(labelled)[:ENOUGH_ROWS])
    rows = before.take(chosen)
    folds = stratified_group_folds(rows.codes, rows.groups, data_hashes(rows), n_folds=N_FOLDS, seed=seed)
    k = len(rows.class_names)
    bound = bind_together(candidates, rows.table, rows.features, k, seed=seed)
    scores = [row_scores("log_loss", rows.codes, out_of_fold(one, rows.codes, folds, k)).value for one in bound]
    return candidates[int(np.argmax(scores))]
