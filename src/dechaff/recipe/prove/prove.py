"""Whether cleaning helped: the same model trained on both versions, scored on held-out rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal

import msgspec
import numpy as np
import numpy.typing as npt

from dechaff.core.intervals import wilson_interval
from dechaff.data.dataset import Dataset
from dechaff.errors import InputError
from dechaff.methods.proof.doubtful_labels import doubtful_labels
from dechaff.methods.proof.paired_interval import Interval, interval_of_one, mcnemar, paired_interval
from dechaff.methods.proof.row_scores import RowScores, check_metric
from dechaff.recipe.baseline.on_test_rows import agreement_of, other_rules
from dechaff.recipe.prove.inputs import Prepared, prepare
from dechaff.recipe.prove.training import Scores, Trained, Trainings, better_candidate, train_all
from dechaff.recipe.prove.words import doubt_in_words, verdict_in_words
from dechaff.records.metrics import ClassProof, ControlEstimate, HiddenErrors, McNemar, ProofFacts
from dechaff.records.record import Estimate
from dechaff.typing import Json

Verdict = Literal["better", "no evidence", "worse"]

USUAL_SEEDS = 10
SEEDS_OF_LARGE_DATA = 5
LARGE_DATA = 20_000
"""Training rows from which on fewer seeds are trained unless more are asked for."""
SEEDS_WITHOUT_CHANGE = 3
"""Enough to report the score of the model if there is nothing to compare."""
DIGITS = 6


class Proof(ProofFacts, frozen=True):
    """Whether cleaning helped, with everything that the verdict rests on, rounded to 6 digits.

    ``difference`` is after - before, ``control.difference`` is after - control; both paired, higher is better (the
    log-loss carries a minus sign). Intervals hold 95 %. ``words`` is the verdict as a sentence, ``notes`` are
    what a reader should know beside it.

    Examples
    --------
    See `dechaff.prove`, which returns one.
    """

    def to_dict(self) -> Json:
        """The proof as plain JSON values."""
        plain: Json = msgspec.json.decode(msgspec.json.encode(self))
        return plain


def prove_parts(before: Dataset, after: Dataset, tests: Callable[[], Iterable[Dataset]], by: Trainings) -> Proof:
    """Whether a model trained on `after` is better on sealed rows than the same model trained on `before`.

    Each seed draws the training rows with replacement, and both versions share the draw: the same row is
    drawn equally often on both sides, dropped rows fall out, added rows get draws of their own. A third model
    is trained on a control that drops as many rows of each class and changes as many labels of each class
    into each other class, at random (and repeats an old row for each added one). All are scored on the test
    rows, without those that also stand in either version (same content up to case and space) and those without
    a label.

    The verdict is "better" only if the 95 % intervals of after - before and of after - control both lie
    above 0, "worse" where that of after - before lies below 0, else "no evidence".

    Parameters
    ----------
    before, after : Dataset
        The training rows before and after cleaning, read with one schema (`open_like`).
    tests : gives the test rows in parts
        Rows that nothing was fitted, cleaned or chosen on. Called again for every prediction.
    by : model, metric, seeds

    Raises
    ------
    InputError
        If the metric is unknown, the columns differ, a version has fewer than two classes, or fewer than two
        test rows can be scored.

    Source
    ------
    Paired bootstrap and permutation control: see `dechaff.methods.proof`. McNemar's test on the averaged
    predictions stands beside it and decides nothing.
    """
    check_metric(by.metric)
    _check_seeds(by.n_seeds)
    rows = prepare(before, after, tests)
    # The default model is chosen before anything is trained on `after`, and on `before` alone.
    chosen = by.model if by.model is not None else better_candidate(rows.before, seed=by.seed)
    seeds = by.n_seeds or (SEEDS_OF_LARGE_DATA if len(before) > LARGE_DATA else USUAL_SEEDS)
    if rows.same_training:
        seeds = min(seeds, SEEDS_WITHOUT_CHANGE)
    trained = train_all(rows, chosen, by, seeds)
    proof = _judged(rows, trained, by, chosen.name)
    notes = _other_rules(trained.before, len(rows.test))
    return msgspec.structs.replace(proof, notes=(*proof.notes, *notes))


def _other_rules(before: Scores, n_test: int) -> tuple[str, ...]:
    """A note if the model agrees with far more labels of the training data than of the test rows."""
    if before.own is None or not len(before.own):
        return ()
    tested = float(np.mean(before.hits))
    low, high = map(float, wilson_interval(tested, n_test))
    note = other_rules(agreement_of(before.own), (tested, low, high))
    return (note,) if note else ()


def _check_seeds(n_seeds: int | None) -> None:
    if n_seeds is not None and n_seeds < 2:
        raise InputError(
            "seeds",
            "be at least 2, because the spread between seeds is part of the interval",
            str(n_seeds),
            "Use 10, or 5 if training is slow.",
        )


def _judged(rows: Prepared, trained: Trained, by: Trainings, name: str) -> Proof:
    before, after, control, seed = trained.before, trained.after, trained.control, by.seed
    difference = _difference(before, after, seed, same=rows.same_training)
    # Every seed has a control of its own, and the average one is to be beaten: random changes are a lottery, and its
    # whole spread would hide an obvious gain. The luck of these training rows is in `difference` already.
    beyond = _difference(control, after, seed, same=rows.same_training, of_mean=True)
    verdict = _verdict(difference, beyond)
    levels = (_level(before, seed), _level(after, seed), _level(control, seed))
    doubt = doubtful_labels(rows.test.codes, before.probs, after.probs)
    doubted = doubt_in_words(doubt, len(rows.test), _gain(verdict, difference, by))
    match, against = mcnemar(_voted(before, rows), _voted(after, rows)), as_estimate(levels[2])
    return Proof(
        verdict=verdict,
        metric=by.metric,
        before=as_estimate(levels[0]),
        after=as_estimate(levels[1]),
        difference=as_estimate(difference),
        control=ControlEstimate(against.mean, against.low, against.high, as_estimate(beyond)),
        mcnemar=McNemar(match.only_before_right, match.only_after_right, float(f"{match.p_value:.6g}")),
        per_class=_per_class(rows, before, after, seed),
        test=rows.test_rows,
        changes=rows.changes,
        seeds=len(before.by_seed),
        model=name,
        test_label_errors=HiddenErrors(int(doubt.suspect.sum()), doubted),
        words=verdict_in_words(verdict, by.metric, levels, (difference, beyond), rows),
        notes=rows.notes,
    )


def _gain(verdict: Verdict, difference: Interval, by: Trainings) -> float | None:
    """The gain in accuracy that was proved; None if there is none."""
    return difference.mean if verdict == "better" and by.metric == "accuracy" else None


def _level(scores: Scores, seed: int) -> Interval:
    """The metric of one version; its interval ends where the metric ends."""
    level = interval_of_one(scores.by_seed, seed=seed)
    highest = 0.0 if scores.metric == "log_loss" else 1.0
    lowest = -np.inf if scores.metric == "log_loss" else 0.0
    return Interval(level.mean, max(lowest, level.low), min(highest, level.high))


def _verdict(difference: Interval, beyond_control: Interval) -> Verdict:
    if difference.high < 0:
        return "worse"
    return "better" if difference.low > 0 and beyond_control.low > 0 else "no evidence"


def _difference(before: Scores, after: Scores, seed: int, *, same: bool, of_mean: bool = False) -> Interval:
    """Nothing changed, nothing to be unsure of; anything else has an interval of some width."""
    if same:
        return Interval(0.0, 0.0, 0.0)
    return paired_interval(before.by_seed, after.by_seed, seed=seed, of_mean=of_mean)


def _voted(scores: Scores, rows: Prepared) -> npt.NDArray[np.bool_]:
    """Test rows on which the probabilities averaged over all seeds are right."""
    return np.asarray(scores.probs.argmax(axis=1) == rows.test.codes)


def _per_class(rows: Prepared, before: Scores, after: Scores, seed: int) -> tuple[ClassProof, ...]:
    table = []
    for c in np.unique(rows.test.codes):
        inside = rows.test.codes == c
        old, new = np.array(before.hits)[:, inside], np.array(after.hits)[:, inside]
        difference = Interval(0.0, 0.0, 0.0)
        if not rows.same_training:
            difference = paired_interval(_shares(old), _shares(new), seed=seed)
        before_share, after_share = (round(float(hits.mean()), DIGITS) for hits in (old, new))
        change = as_estimate(difference)
        name, n = rows.class_names[c], int(inside.sum())
        table.append(ClassProof(name, n, before_share, after_share, change.mean, change.low, change.high))
    return tuple(table)


def _shares(hits: npt.NDArray[np.bool_]) -> list[RowScores]:
    """Scores of the rows of one class for each seed, from the hits (seeds, rows)."""
    known, unknown = np.array([1.0]), np.array([0.0])
    return [RowScores(float(row.mean()), row.astype(np.float64), known, unknown, 1.0) for row in hits]


def as_estimate(interval: Interval) -> Estimate:
    """An interval with rounded figures."""
    return Estimate(*(round(value, DIGITS) for value in (interval.mean, interval.low, interval.high)))
