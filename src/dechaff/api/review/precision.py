"""How good the queue of label errors is, and whether to go on."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from dechaff.api.labels.estimates import Stopping
from dechaff.api.review.desk import Desk
from dechaff.api.review.evidence import details_of
from dechaff.api.review.label_reviews import (
    LABEL_CODES,
    RunLabels,
    label_decisions,
    reviews_of,
    run_labels,
    without_unseen,
)
from dechaff.api.review.versions import unlearned_scores
from dechaff.methods.label_reviews.anytime_count import anytime_count
from dechaff.records.review import PrecisionSoFar
from dechaff.records.review_index import ReviewIndex
from dechaff.typing import Mask

_BATCH, _RENEWED = 100, 10


def about_labels(index: ReviewIndex) -> Mask:
    """(n,) findings about rows that say that their label is wrong."""
    codes = [index.numbers["codes"][code] for code in LABEL_CODES]
    return np.asarray(np.isin(index.code, codes) & (index.place >= 0))


def labels_of(desk: Desk) -> RunLabels:
    """The labels of the run as no review has touched them; made once for each version of the findings."""
    index = desk.index
    if desk.labels is None or desk.labels[0] != index.identity:
        numbers = np.flatnonzero(about_labels(index))
        places, first = np.unique(index.place[numbers], return_index=True)
        named = index.suggested(numbers[first])
        found = run_labels(desk.run, unlearned_scores(desk), details_of(desk).all_probs, places, named)
        desk.labels = index.identity, found
    labels: RunLabels = desk.labels[1]
    return labels


def precision_so_far(desk: Desk, *, least: float) -> PrecisionSoFar:
    """The precision of the findings of label errors, and the errors to expect in the next ones."""
    reviewed, wrong, n, low, high = _counted(desk)
    share = wrong / reviewed if reviewed else float("nan")
    if not n:
        return PrecisionSoFar(
            0, 0, 0, share, 0, 1, 0, 0, 0, 0, 0, True, "There are no findings about labels to review."
        )
    rows, stopping = _outlook(desk, reviewed, least)
    coming, left = stopping.next_errors, stopping.remaining.value
    return PrecisionSoFar(
        reviewed, wrong, n, share, low, high, rows, coming.value, coming.low, coming.high, left, bool(stopping),
        stopping.why,
    )  # fmt: skip


def _outlook(desk: Desk, reviewed: int, least: float) -> tuple[int, Stopping]:
    """What to expect of the next rows; made anew for a tenth more reviews: on a million it takes a second."""
    about = (desk.index.identity, least, int(desk.state.unseen.sum()))
    if desk.outlook is not None:
        before, found = cast("tuple[Any, tuple[int, Stopping]]", desk.outlook)
        if before[0] == about and abs(reviewed - before[1]) * _RENEWED <= before[1]:
            return found
    decided = label_decisions(desk)
    labels = without_unseen(labels_of(desk), decided)
    reviews = reviews_of(labels, decided)
    updated = labels.update(reviews) if len(reviews) else labels
    rows = min(_BATCH, int(np.isfinite(updated.log_odds).sum()))
    made = (rows, updated.should_stop(least=least, batch=_BATCH))
    desk.outlook = (about, reviewed), made
    return made


def _counted(desk: Desk) -> tuple[int, int, int, float, float]:
    """Findings of label errors that were reviewed, those that are wrong, all, and the interval of the wrong share.

    The rows that come first in the random order, without a gap, are a random sample of the findings, however the
    reviewers came by them; of the others one merely knows whether they are wrong.
    """
    state = desk.state
    order = state.index.order("random")
    mine = state.verdict[order[about_labels(state.index)[order]]]
    drawn = mine[: int((mine < 0).argmax())] if (mine < 0).any() else mine
    n, right, wrong = len(mine), int((mine == 0).sum()), int((mine == 1).sum())
    low, high = anytime_count(n, len(drawn), int(drawn.sum()))
    low, high = max(low, wrong), min(high, n - right)
    return right + wrong, wrong, n, low / max(n, 1), high / max(n, 1)
