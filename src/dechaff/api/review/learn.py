"""Scores of label errors made anew from the reviews; every version is kept, and nothing that was said is lost."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import msgspec
import numpy as np
import polars as pl
from msgspec import structs
from scipy.special import expit

from dechaff.api.labels.estimates import ReviewUpdate
from dechaff.api.labels.reviews import Reviews
from dechaff.api.review.desk import Desk, now
from dechaff.api.review.label_reviews import RunLabels, judged_by, label_decisions, reviews_of
from dechaff.api.review.learn_out_of_core import written_out_of_core
from dechaff.api.review.precision import labels_of
from dechaff.api.review.retrain import retrained_probs
from dechaff.api.review.versions import TABLES, VERSIONS, recounted, versions, write_version
from dechaff.core.progress import Progress
from dechaff.errors import InputError
from dechaff.records.findings import FINDINGS_SCHEMA
from dechaff.records.review import Learned, QueueItem, Version
from dechaff.records.run import npz_bytes, parquet_bytes
from dechaff.typing import Mask, Probs, Score

_LEAST = 2
_SHOWN = 100
"""Most findings that are listed as new, and as gone."""


def enough_labels(desk: Desk) -> bool:
    """Whether there are labels among the decisions, and scores of labels to learn from them."""
    judged = "L001" in pl.scan_parquet(desk.run.scores_path).collect_schema()
    return judged and len(reviews_of(labels_of(desk), label_decisions(desk))) >= _LEAST


def learn(desk: Desk, progress: Progress, *, models: bool) -> Learned:
    """New scores from the reviews: fast, or after the models were trained on the corrected labels."""
    labels = labels_of(desk)
    if "L001" not in pl.scan_parquet(desk.run.scores_path).collect_schema():
        found, fix = "a run on labelled positives", "Apply the decisions and audit the improved file."
        raise InputError("the run", "hold scores of classes to learn from reviews", found, fix)
    if models and labels.probs is None:
        fix = "Learn without models, or apply the decisions and audit the improved file."
        raise InputError("the run", "be one in memory to train its models again", "a run out of core", fix)
    reviews = _outside_slices(desk, labels, reviews_of(labels, label_decisions(desk)))
    if len(reviews) < _LEAST:
        found = f"{len(reviews)} reviews of labels outside noisy slices"
        raise InputError("the reviews", f"be at least {_LEAST}", found, "Decide about some more rows one by one.")
    probs = None
    if models:
        probs = retrained_probs(desk, progress)
        labels = judged_by(labels, probs)
    progress("scores from the reviews", 0, 1)
    updated = labels.update(reviews)
    assert updated.review_update is not None
    update = _if_proved(updated.review_update, labels)
    if labels.probs is None:
        learned = written_out_of_core(desk, labels, update, progress)
    else:
        learned = _written(desk, labels, _Scores(expit(update.log_odds), update.flag, probs, len(reviews)))
    progress("scores from the reviews", 1, 1)
    return structs.replace(learned, words=update.words)


def _if_proved(update: ReviewUpdate, labels: RunLabels) -> ReviewUpdate:
    """The update; without a proof the scores and flags as they were.

    Reviews of the highest scores say little of the level of the others: after two to twenty of them all findings may
    seem right, or all rows wrong.
    """
    if update.scores.proved:
        return update
    unchanged = replace(update.scores, weights=(0.0,) * len(update.scores.weights))
    words = (
        f"The scores stay as they are: {update.reviews:,} reviews do not prove yet, at odds of twenty to one, that "
        f"others are better.",
    )
    return replace(update, scores=unchanged, log_odds=labels.base.log_odds, flag=labels.base.flag, words=words)


def _outside_slices(desk: Desk, labels: RunLabels, reviews: Reviews) -> Reviews:
    """Noisy slices have scores of another kind, from which nothing follows for the other rows."""
    scores = pl.scan_parquet(desk.run.scores_path)
    if "L002_flag" not in scores.collect_schema():
        return reviews
    inside = scores.select("L002_flag").collect()["L002_flag"].to_numpy()[labels.places[reviews.rows]]
    return Reviews(*(getattr(reviews, name)[~inside] for name in ("rows", "true", "wrong", "known")))


@dataclass(frozen=True)
class _Scores:
    """New scores and flags of all rows, the probabilities if models were trained, and the number of reviews."""

    score: Score
    flag: Mask
    probs: Probs | None
    reviews: int


@dataclass(frozen=True)
class _Merged:
    """All findings; those of label errors among them, those of these that are new, and those that are gone."""

    whole: pl.DataFrame
    errors: pl.DataFrame
    new: pl.DataFrame
    gone: pl.DataFrame


def _written(desk: Desk, labels: RunLabels, found: _Scores) -> Learned:
    """A new version of the findings and scores; the old ones are kept beside it."""
    run, known, scores = desk.run, versions(desk), pl.read_parquet(desk.run.scores_path)
    elsewhere = scores["L002_flag"].to_numpy() if "L002_flag" in scores.columns else np.zeros(len(scores), dtype=bool)
    score = np.where(elsewhere, scores["L001"].to_numpy(), found.score)
    flag = np.asarray(found.flag & ~elsewhere & (labels.base.log_odds > -np.inf))
    merged = _merged(desk, labels, score, flag, found.reviews)
    kind = "scores" if found.probs is None else "models"
    counts = (len(table) for table in (merged.errors, merged.new, merged.gone))
    version = Version(len(known), now(), kind, found.reviews, *counts)
    new_scores = scores.with_columns(pl.Series("L001", score), pl.Series("L001_flag", flag))
    files = {TABLES[0]: parquet_bytes(merged.whole), TABLES[1]: parquet_bytes(new_scores)}
    if found.probs is not None:
        files[TABLES[2]] = _with_probs(run.folder / TABLES[2], found.probs)
    write_version(run, known, version, files, partial(recounted, code="L001", findings=len(merged.errors)))
    if found.probs is not None:
        desk.evidence = None
    return learned_of(desk, version, merged.new, merged.gone)


def learned_of(
    desk: Desk, version: Version, new: pl.DataFrame, gone: pl.DataFrame, words: tuple[str, ...] = ()
) -> Learned:
    """A new version, with the first of its new findings and of those that are gone."""
    lost = tuple(_item(line) for line in gone.head(_SHOWN).iter_rows(named=True))
    shown = desk.index.by_id(new["finding_id"].head(_SHOWN).to_list())
    return Learned(version, tuple(desk.items(shown)), lost, words)


def _merged(desk: Desk, labels: RunLabels, score: Score, flag: Mask, reviews: int) -> _Merged:
    """Findings of rows that are flagged or reviewed stay, with their ids; others go, and new ones come."""
    findings = pl.read_parquet(desk.run.folder / TABLES[0])
    mine = findings.filter((pl.col("code") == "L001") & (pl.col("row").fill_null("") != ""))
    others = findings.filter(~pl.col("finding_id").is_in(mine["finding_id"].to_list()))
    reviewed = labels.keys.is_in(list(label_decisions(desk))).to_numpy()
    at = {row: place for place, row in enumerate(labels.ids.to_list())}
    places = np.array([at[row] for row in mine["row"].to_list()], dtype=np.int64)
    held, fresh = (flag | reviewed)[places], flag & ~reviewed
    fresh[places] = False
    kept = mine.filter(pl.Series(held, dtype=pl.Boolean)).with_columns(pl.Series("score", score[places[held]]))
    last, label = last_number(desk.run.folder, mine, "L001"), str(mine["field"][0] if len(mine) else desk.label)
    new = _findings(labels, np.flatnonzero(fresh), score, last, reviews, label=label)
    errors = pl.concat([kept, new]).sort("score", descending=True, maintain_order=True)
    slices = pl.col("code") == "L002"
    whole = pl.concat([others.filter(slices), errors, others.filter(~slices)])
    return _Merged(whole, errors, new, mine.filter(pl.Series(~held, dtype=pl.Boolean)))


def _findings(
    labels: RunLabels, rows: np.ndarray, score: Score, last: int, reviews: int, *, label: str
) -> pl.DataFrame:
    lines = []
    for number, row in enumerate(rows.tolist(), start=last + 1):
        given, suggested = (labels.classes[codes[row]] for codes in (labels.base.given, labels.base.suggested))
        why = (
            f"After {reviews:,} reviews, the label {given!r} is wrong with a probability of {100 * score[row]:.0f} %; "
            f"the most probable other label is {suggested!r}."
        )
        fix = f"Review the row; it may be {suggested}."
        named = (f"L001-{number:06d}", "L001", labels.ids[row], "", label)
        lines.append((*named, float(score[row]), given, suggested, why, fix))
    return pl.DataFrame(lines, schema=FINDINGS_SCHEMA, orient="row")


def _with_probs(path: Path, probs: Probs) -> bytes:
    """The arrays of a run with other probabilities."""
    with np.load(path, allow_pickle=False) as arrays:
        return npz_bytes({**{name: arrays[name] for name in arrays.files}, "pred_probs": probs.astype(np.float32)})


def last_number(folder: Path, mine: pl.DataFrame, code: str) -> int:
    """The highest number of a finding of a code that any version had, so that none has two meanings."""
    names = [mine["finding_id"]]
    for path in sorted((folder / VERSIONS).glob(f"*/{TABLES[0]}")):
        names.append(pl.read_parquet(path, columns=["finding_id", "code"]).filter(pl.col("code") == code)["finding_id"])
    return max((int(name.split("-")[1]) for series in names for name in series.to_list()), default=0)


def _item(line: dict[str, object]) -> QueueItem:
    """A line of the findings, without the key of its row."""
    values = {name: "" if value is None else value for name, value in line.items()}
    return msgspec.convert({**values, "key": ""}, QueueItem)
