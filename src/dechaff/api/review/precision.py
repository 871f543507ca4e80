"""How good the queue of label errors is, and whether to go on."""

from __future__ import annotations

import numpy as np

from dechaff.api.review.desk import Desk
from dechaff.api.review.evidence import evidence_of
from dechaff.api.review.label_reviews import LABEL_CODES, RunLabels, reviews_of, run_labels, said_of_labels
from dechaff.api.review.versions import unlearned_scores
from dechaff.methods.label_reviews.anytime_count import anytime_count
from dechaff.records.decisions import Event
from dechaff.records.review import PrecisionSoFar
from dechaff.typing import Rows

_BATCH = 100


def label_findings(desk: Desk) -> Rows:
    """The findings about rows that say that their label is wrong."""
    index = desk.index
    codes = [index.numbers["codes"][code] for code in LABEL_CODES]
    return np.flatnonzero(np.isin(index.code, codes) & (index.place >= 0))


def labels_of(desk: Desk) -> RunLabels:
    """The labels of the run as no review has touched them; made once for each version of the findings."""
    index = desk.index
    if desk.labels is None or desk.labels[0] != index.identity:
        numbers = label_findings(desk)
        suggestions = [item.suggested for item in index.items(numbers.tolist())]
        places, first = np.unique(index.place[numbers], return_index=True)
        named = [suggestions[at] for at in first.tolist()]
        found = run_labels(desk.run, unlearned_scores(desk), evidence_of(desk).all_probs, places, named)
        desk.labels = index.identity, found
    labels: RunLabels = desk.labels[1]
    return labels


def precision_so_far(desk: Desk, *, least: float) -> PrecisionSoFar:
    """The precision of the findings of label errors, and the errors to expect in the next ones."""
    labels, said = labels_of(desk), said_of_labels(desk)
    reviews = reviews_of(labels, said)
    reviewed, wrong, n, low, high = _counted(desk, said)
    updated = labels.update(reviews) if len(reviews) else labels
    stopping = updated.should_stop(least=least, batch=_BATCH)
    coming = stopping.next_errors
    return PrecisionSoFar(
        reviewed,
        wrong,
        n,
        wrong / reviewed if reviewed else float("nan"),
        low,
        high,
        min(_BATCH, int(np.isfinite(updated.log_odds).sum())),
        coming.value,
        coming.low,
        coming.high,
        stopping.remaining.value,
        bool(stopping),
        stopping.why,
    )


def _counted(desk: Desk, said: dict[str, Event]) -> tuple[int, int, int, float, float]:
    """Findings of label errors that were reviewed, those that are wrong, all, and the interval of the wrong share.

    The rows that come first in the random order, without a gap, are a random sample of the findings, however the
    reviewers came by them; of the others one merely knows whether they are wrong.
    """
    index, state = desk.index, desk.state
    verdict = np.full(len(index), -1, dtype=np.int64)
    numbers = label_findings(desk)
    for number in numbers[state.status[numbers] > 0].tolist():
        (last,) = list(state.said.get(number, {}).values())[-1:] or (None,)
        if last is not None and last.action in ("keep", "relabel", "drop"):
            verdict[number] = last.action != "keep"
    order = index.order("random")
    mine = verdict[order[np.isin(order, numbers)]]
    gaps = np.flatnonzero(mine < 0)
    drawn = mine[: gaps[0] if len(gaps) else len(mine)]
    n, right, wrong = len(mine), int((mine == 0).sum()), int((mine == 1).sum())
    low, high = anytime_count(n, len(drawn), int(drawn.sum()))
    low, high = max(low, wrong), min(high, n - right)
    return right + wrong, wrong, n, low / max(n, 1), high / max(n, 1)
