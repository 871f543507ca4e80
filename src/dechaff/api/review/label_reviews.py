"""The labels of a run as a result that reviews improve: scores, budgets and stopping are those of `LabelResult`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from dechaff.api.labels.estimates import Estimate
from dechaff.api.labels.names import RowNames
from dechaff.api.labels.result import LabelResult, Scored
from dechaff.api.labels.reviews import Reviews
from dechaff.api.review.desk import Desk
from dechaff.errors import InputError
from dechaff.methods.label_errors.label_error_estimates import estimate_label_errors
from dechaff.methods.label_reviews.review_corrections import row_evidence
from dechaff.records.decision_log import read_events
from dechaff.records.decisions import Event, live_events
from dechaff.records.run import Run
from dechaff.typing import Features, Labels, Numbers, Probs, Rows, Score

_FIX = "Label rows of every class, apply the decisions and audit the result."
_LARGEST = 36.0
"""Log-odds of a score that is 1 to the last bit."""
_IN_MEMORY = 2_000_000
"""Up to this many rows, all are taken; above it, those with a finding."""


@dataclass(frozen=True, repr=False, kw_only=True)
class RunLabels(LabelResult):
    """The labels of a run, or of its rows with a finding where there are too many rows."""

    base: Scored = field(repr=False)
    classes: tuple[str, ...] = ()
    places: Rows = field(repr=False)
    """(n,) lines in the table of scores."""
    keys: pl.Series = field(repr=False)
    ids: pl.Series = field(repr=False)
    probs: Probs | None = field(default=None, repr=False)
    evidence: Features = field(repr=False)

    @cached_property
    def scored(self) -> Scored:
        """The scores of the audit."""
        return self.base

    @property
    def _evidence(self) -> Features:
        return self.evidence


_AT_ONCE = 500_000
LABEL_CODES = ("L001", "L002", "P001", "P002")
"""Findings that say that the label of a row is wrong."""


def run_labels(run: Run, scores: Path, probs: Probs | None, flagged: Rows, suggestions: Sequence[str]) -> RunLabels:
    """The labels of a run.

    Parameters
    ----------
    run : the run.
    scores : its table of scores, or that of an earlier version.
    probs : (n, k) out-of-sample probabilities of all rows, or None.
    flagged : (f,) places of the rows with a finding.
    suggestions : of these.
    """
    table_of_scores = pl.scan_parquet(scores)
    judged = [code for code in LABEL_CODES if code in table_of_scores.collect_schema()]
    if not judged:
        raise InputError("the run", "have scores of labels", "none", _FIX)
    lines = table_of_scores.select(
        "row",
        "key",
        "given",
        pl.max_horizontal(judged).alias("score"),
        pl.any_horizontal(f"{code}_flag" for code in judged).alias("flag"),
    ).with_row_index("place")
    n_lines = int(lines.select(pl.len()).collect().item())
    few = probs is None or n_lines > _IN_MEMORY
    table = _some(lines, flagged, n_lines) if few else lines.collect()
    classes = run.dataset.classes
    code_of = {name: code for code, name in enumerate(classes)}
    given = np.array([code_of.get(name, -1) for name in table["given"].to_list()], dtype=np.int64)
    places = table["place"].to_numpy().astype(np.int64)
    score = table["score"].to_numpy().clip(0, 1)
    odds = log_odds_of(score)
    odds[given < 0] = -np.inf
    suggested, evidence = _of_model(given, None if few or probs is None else probs)
    suggested[np.searchsorted(places, flagged)] = [code_of.get(name, -1) for name in suggestions]
    suggested = np.where(suggested < 0, (given + 1) % max(len(classes), 2), suggested)
    noise, labelled = run.metrics.noise, score[given >= 0]
    mean = float(labelled.mean()) if len(labelled) else 0.0
    known = noise is not None and noise.rate is not None and not few
    rate = Estimate(noise.rate, noise.low, noise.high) if known and noise is not None else Estimate(mean, mean, mean)
    flag = table["flag"].to_numpy()
    return RunLabels(
        names=RowNames(len(places)),
        base=Scored(odds, flag, np.maximum(given, 0), suggested, rate),
        classes=classes,
        places=places,
        keys=table["key"],
        ids=table["row"],
        probs=None if few else probs,
        evidence=evidence,
    )


def log_odds_of(score: Score) -> Numbers:
    """Log-odds of scores, none of them infinite."""
    with np.errstate(divide="ignore"):
        return np.asarray(np.clip(np.log(score) - np.log1p(-score), -_LARGEST, _LARGEST))


def _some(lines: pl.LazyFrame, places: Rows, n_lines: int) -> pl.DataFrame:
    """Some lines of a table, which is read in pieces."""
    found = []
    for start in range(0, max(n_lines, 1), _AT_ONCE):
        inside = slice(*np.searchsorted(places, [start, start + _AT_ONCE]))
        found.append(lines.slice(start, _AT_ONCE).collect()[places[inside] - start])
    return pl.concat(found)


def judged_by(labels: RunLabels, probs: Probs) -> RunLabels:
    """The same given labels, judged by other probabilities; those of noisy slices keep their score."""
    rows = np.flatnonzero(np.isfinite(labels.base.log_odds))
    found = estimate_label_errors(labels.base.given[rows], probs[rows])
    odds, flag, suggested = (np.array(one) for one in (labels.base.log_odds, labels.base.flag, labels.base.suggested))
    odds[rows], flag[rows], suggested[rows] = found.log_odds, found.flag, found.suggested
    rate = Estimate(found.rate, found.rate_low, found.rate_high)
    _, evidence = _of_model(labels.base.given, probs)
    return replace(labels, base=Scored(odds, flag, labels.base.given, suggested, rate), probs=probs, evidence=evidence)


def _of_model(given: Labels, probs: Probs | None) -> tuple[Labels, Features]:
    """The most probable other class of each row, -1 where it is not known, and further evidence of an error."""
    if probs is None:
        return np.full(len(given), -1, dtype=np.int64), np.zeros((len(given), 2))
    wide = probs.astype(np.float64)
    wide /= wide.sum(axis=1, keepdims=True)
    evidence = row_evidence(np.maximum(given, 0), wide)
    wide[np.arange(len(given)), np.maximum(given, 0)] = -1.0
    return wide.argmax(axis=1), evidence


def without_unseen(labels: RunLabels, decided: dict[str, Event]) -> RunLabels:
    """The labels without those that were decided in bulk: they are neither reviewed nor still to be reviewed."""
    unseen = [key for key, event in decided.items() if event.unseen]
    if not unseen:
        return labels
    odds = np.where(labels.keys.is_in(unseen).to_numpy(), -np.inf, labels.base.log_odds)
    return replace(labels, base=replace(labels.base, log_odds=odds))


def label_decisions(desk: Desk) -> dict[str, Event]:
    """Row key -> the last decision of a reviewer about its label, or about the row as a whole; bulk decisions too."""
    found: dict[str, Event] = {}
    for event in live_events(read_events(desk.run.decisions_path, by_reviewers=True)):
        if event.action in ("keep", "relabel", "drop", "open") and event.code[:1] in ("", "L", "P"):
            found[event.key] = event
    return {key: event for key, event in found.items() if event.action != "open"}


def reviews_of(labels: RunLabels, decided: dict[str, Event]) -> Reviews:
    """The decisions as reviews of the labels: which were wrong, and what is right; those in bulk are no reviews."""
    said = {key: event for key, event in decided.items() if not event.unseen}
    found = labels.keys.is_in(list(said)).arg_true()
    place = dict(zip(labels.keys[found].to_list(), found.to_list(), strict=True))
    rows = [(at, said[key]) for key, at in place.items() if np.isfinite(labels.base.log_odds[at])]
    code_of = {name: code for code, name in enumerate(labels.classes)}
    at = np.array([row for row, _ in rows], dtype=np.int64)
    given = labels.base.given[at]
    true = np.array(
        [code_of.get(event.new, -1) if event.action == "relabel" else -1 for _, event in rows], dtype=np.int64
    )
    kept = np.array([event.action == "keep" for _, event in rows], dtype=np.bool_)
    true = np.where(kept, given, true)
    known: npt.NDArray[np.bool_] = true >= 0
    return Reviews(at, true, np.asarray(true != given), known)
