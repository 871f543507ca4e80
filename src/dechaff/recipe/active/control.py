"""Accuracy, learning curve, labels saved and the next gain, from the labelled rows of the control arm."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
from msgspec import structs

from dechaff.core.intervals import wilson_interval
from dechaff.core.row_hash import Hashes
from dechaff.core.words import counted, percent
from dechaff.data.dataset import Dataset
from dechaff.methods.active.control_arm import control_order, inside
from dechaff.methods.active.labels_saved import labels_saved
from dechaff.methods.active.next_gain import PAYS, next_gain
from dechaff.recipe.active.learnt import held_out_probs
from dechaff.recipe.explore.content_hashes import data_hashes
from dechaff.records.labelling import LabellingFacts, LearningPoint
from dechaff.records.record import Estimate
from dechaff.typing import Mask, Probs, Rows

REFERENCE = 1_000
"""Rows of the pool, the first of the control order, of which the predictions of each model are kept."""
FEWEST = 10
"""Fewer labelled rows of the control arm give no estimate."""
FEWEST_SAVED = 50
STEP, BACK = 100, 50
"""Labels whose gain is estimated, and between the models that are compared for it."""
HISTORY = {"labels": pl.Int64, "row": pl.UInt64, "predicted": pl.String, "asked": pl.Boolean, "random": pl.Boolean}
"""One line for each number of labels and row of the pool: what the model predicted, and whether the row was asked."""


@dataclass(frozen=True)
class Round:
    """A model, what it has learnt from, and the rows of a pool that it has chosen."""

    pool: Dataset
    labelled: Dataset
    looked: Rows
    probs: Probs | None
    """(looked, k)"""
    out_of_fold: Probs | None
    """(labelled, k); of the control arm by the model that has learnt from all other rows."""
    chosen: Rows
    random: Mask
    name: str
    control_seed: int
    seed: int
    threads: int


def measured(one: Round, history: pl.DataFrame) -> tuple[LabellingFacts, pl.DataFrame]:
    """The figures after one more round, and the history with it.

    The same number of labels is the same round: the later one replaces the earlier.
    """
    n_labels = len(one.labelled)
    history = history.filter(pl.col("labels") < n_labels)
    hashes = data_hashes(one.pool)
    order = control_order(hashes, seed=one.control_seed)
    arm = inside(order, last_drawn(history, seed=one.control_seed))
    labelled_at = _positions(data_hashes(one.labelled), hashes)
    labelled = (labelled_at >= 0) & (one.pool.codes >= 0)
    control = np.flatnonzero(arm & labelled)
    reference = np.argsort(order, kind="stable")[: max(REFERENCE, int(arm.sum()))]
    probs, known = _predictions(one, labelled_at, reference)
    kept = pl.concat([history, _lines(one, hashes, reference, probs, known)])
    facts = LabellingFacts(
        pool=len(one.pool), labels=n_labels, from_pool=int(labelled.sum()), control=len(control),
        waiting=int((arm & (labelled_at < 0)).sum()), model=one.name, step=STEP,
        curve=_curve(kept, hashes[control], _names(one.pool)[one.pool.codes[control]]),
    )  # fmt: skip
    if probs is not None:
        at = labelled_at[control]
        facts = structs.replace(
            facts,
            accuracy=facts.curve[-1].accuracy if facts.curve and facts.curve[-1].labels == n_labels else Estimate(),
            gain=_gain(kept),
            saved=_saved(one, at) if len(at) >= FEWEST_SAVED else None,
        )
    facts = structs.replace(facts, stop=facts.gain is not None and facts.gain < PAYS)
    return structs.replace(facts, words=_words(facts), notes=_notes(facts)), kept


def _names(data: Dataset) -> npt.NDArray[np.object_]:
    return np.array(data.class_names, dtype=object)


def _lines(one: Round, hashes: Hashes, reference: Rows, probs: Probs | None, known: Mask) -> pl.DataFrame:
    """The lines of one round in the history: predictions of the reference rows, and the rows that were chosen."""
    rows = np.union1d(reference, one.chosen)
    predicted = np.full(len(rows), None, dtype=object)
    if probs is not None:
        predicted[np.searchsorted(rows, reference[known])] = _names(one.pool)[probs[known].argmax(axis=1)]
    columns = {
        "labels": np.full(len(rows), len(one.labelled)), "row": hashes[rows], "predicted": predicted.tolist(),
        "asked": np.isin(rows, one.chosen), "random": np.isin(rows, one.chosen[one.random]),
    }  # fmt: skip
    return pl.DataFrame(columns, schema=HISTORY)


def last_drawn(history: pl.DataFrame, *, seed: int) -> int | None:
    """The last number in the control order that was drawn; None if none was."""
    drawn = history.filter("random")["row"].to_numpy()
    return int(control_order(drawn, seed=seed).max()) if len(drawn) else None


def _positions(among: Hashes, wanted: Hashes) -> npt.NDArray[np.int64]:
    """For each of the wanted rows the place of one with the same content, -1 if there is none."""
    if not len(among):
        return np.full(len(wanted), -1, dtype=np.int64)
    order = np.argsort(among, kind="stable")
    place = np.minimum(np.searchsorted(among[order], wanted), len(among) - 1)
    return np.where(among[order[place]] == wanted, order[place], -1)


def _predictions(one: Round, labelled_at: npt.NDArray[np.int64], reference: Rows) -> tuple[Probs | None, Mask]:
    """Probabilities of rows of the pool by models that have not learnt from them, and for which rows there are any."""
    if one.probs is None or one.out_of_fold is None:
        return None, np.zeros(len(reference), dtype=bool)
    looked_at = np.full(len(one.pool), -1, dtype=np.int64)
    looked_at[one.looked] = np.arange(len(one.looked))
    learnt, free = labelled_at[reference], looked_at[reference]
    probs = np.zeros((len(reference), one.probs.shape[1]))
    probs[free >= 0] = one.probs[free[free >= 0]]
    probs[learnt >= 0] = one.out_of_fold[learnt[learnt >= 0]]
    return probs, (learnt >= 0) | (free >= 0)


def _curve(history: pl.DataFrame, control: Hashes, labels: npt.NDArray[np.object_]) -> tuple[LearningPoint, ...]:
    """Each model on all labelled rows of the control arm of which it has made a prediction."""
    schema = {"row": pl.UInt64, "label": pl.String}
    truth = pl.DataFrame({"row": control, "label": labels.tolist()}, schema=schema).unique("row")
    seen = history.filter(pl.col("predicted").is_not_null()).unique(["labels", "row"]).join(truth, on="row")
    right = (pl.col("predicted") == pl.col("label")).sum()
    hits = seen.group_by("labels").agg(right.alias("hits"), pl.len().alias("rows")).sort("labels")
    return tuple(LearningPoint(at, estimate(hit, rows)) for at, hit, rows in hits.iter_rows() if rows >= FEWEST)


def estimate(hits: int, rows: int) -> Estimate:
    """A proportion with its 95 % interval."""
    low, high = wilson_interval(hits / rows, rows)
    return Estimate(hits / rows, float(low), float(high))


def _gain(history: pl.DataFrame) -> float | None:
    """Expected gain by the next labels: the larger one of the last two rounds, because chance may hide a change."""
    predicted = history.filter(pl.col("predicted").is_not_null()).unique(["labels", "row"])
    sizes = predicted["labels"].unique().sort().to_list()
    gains = [_gain_at(predicted, sizes[:end]) for end in (len(sizes), len(sizes) - 1)]
    known = [one for one in gains if one is not None]
    return max(known) if len(known) == len(gains) else None


def _gain_at(predicted: pl.DataFrame, sizes: list[int]) -> float | None:
    """The same of the last of some models; None as long as there are none of one and of two steps ago."""
    picked = sizes[-1:]
    for _ in range(2):
        earlier = [size for size in sizes if picked and size <= picked[-1] - BACK]
        if not earlier:
            return None
        picked.append(earlier[-1])
    wide = predicted.filter(pl.col("labels").is_in(picked)).pivot("labels", index="row", values="predicted")
    now, middle, before = (wide.drop_nulls()[str(size)].to_numpy() for size in picked)
    return next_gain(now, middle, before) * STEP / (picked[1] - picked[2])


def _saved(one: Round, control: npt.NDArray[np.int64]) -> Estimate:
    """Labels saved against random ones: the rows of the audit and of the control arm are a random labelling."""
    labels = one.labelled.codes[control]
    start = ~np.isin(data_hashes(one.labelled), data_hashes(one.pool))
    n_start, n_control = int(start.sum()), len(control)
    hits = []
    for part in (control[: n_control // 2], control):
        learn_from = start.copy()
        learn_from[part] = True
        probs = held_out_probs(one.labelled, control, learn_from, seed=one.seed, threads=one.threads)
        hits.append(probs[control].argmax(axis=1) == labels)
    sizes = (n_start + n_control // 2, n_start + n_control, len(one.labelled))
    assert one.out_of_fold is not None
    chosen = one.out_of_fold[control].argmax(axis=1) == labels
    return Estimate(*labels_saved(hits[0], hits[1], chosen, sizes=sizes, seed=one.seed))


def _words(facts: LabellingFacts) -> str:
    said, accuracy, gain = [], facts.accuracy, facts.gain
    if accuracy.mean is not None and accuracy.low is not None and accuracy.high is not None:
        low, high, rows = percent(accuracy.low), percent(accuracy.high), counted(facts.control, "random row")
        said.append(
            f"The model is right on {percent(accuracy.mean)} of the pool (95 % interval {low} to {high}, from "
            f"{rows} that it has not learnt from)."
        )
    if gain is not None:
        points = f"{100 * gain:.1f} points of accuracy"
        less = f", less than {100 * PAYS:g}: stop labelling" if facts.stop else ""
        said.append(f"The next {STEP} labels are expected to gain {points}{less}.")
    return " ".join(said)


def _notes(facts: LabellingFacts) -> tuple[str, ...]:
    notes = []
    if facts.waiting:
        rows, has = counted(facts.waiting, "random row"), "has" if facts.waiting == 1 else "have"
        notes.append(f"{rows} of earlier batches {has} no label yet; without them the estimate is not unbiased")
    if 0 < facts.control < FEWEST:
        notes.append(f"accuracy is estimated from {FEWEST} labelled random rows on; there are {facts.control}")
    return tuple(notes)
