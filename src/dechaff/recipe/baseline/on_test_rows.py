"""How a model of the training rows does on the test rows, which nothing else of an audit looks at."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from dechaff.core.intervals import wilson_interval
from dechaff.core.kept_results import Arrays, once
from dechaff.data.dataset import Dataset
from dechaff.models.model import Model
from dechaff.recipe.explore.content_hashes import data_hashes
from dechaff.records.metrics import BaselineFacts
from dechaff.records.on_test_rows import TestAgreement
from dechaff.typing import Mask

GULF = 0.05
"""Accuracies whose intervals lie further apart are no accident of the rows."""
FEWEST_ROWS = 20
Agreement = tuple[float, float, float]
"""A fraction, and the ends of its 95 % interval."""


def agreement_on_tests(
    model: Model, train: Dataset, tested: Iterable[Dataset], own: BaselineFacts, *, seed: int
) -> TestAgreement | None:
    """How many test labels the model predicts, trained once on all training rows as they are; None of hardly any rows.

    Test rows that also stand in the training data are left out. No choice depends on what comes out.

    Parameters
    ----------
    model, train : what is trained, and its rows.
    tested : the test rows in parts.
    own : the scores of the model on the training rows, out of sample.
    seed : of the training
    """

    def scored() -> Arrays:
        fitted = model.fit(train.table, train.features, train.codes, len(train.class_names), seed=seed)
        content, hits = data_hashes(train), [np.zeros(0, dtype=np.bool_)]
        for part in tested:
            rows = part.take(np.flatnonzero((part.codes >= 0) & ~np.isin(data_hashes(part), content)))
            if len(rows):
                hits.append(fitted.probs(rows.table, rows.features).argmax(axis=1) == rows.codes)
        return {"hits": np.concatenate(hits)}

    hits = once("test rows", scored)["hits"]
    if len(hits) < FEWEST_ROWS:
        return None
    theirs = agreement_of(hits)
    mine = own.accuracy, own.accuracy_low, own.accuracy_high
    return TestAgreement(len(hits), *theirs, other_rules(mine, theirs))


def agreement_of(hits: Mask) -> Agreement:
    """The fraction of hits, with its 95 % interval."""
    low, high = map(float, wilson_interval(float(hits.mean()), len(hits)))
    return float(hits.mean()), low, high


def other_rules(own: tuple[float | None, float | None, float | None], tested: Agreement) -> str:
    """A note if a model repeats its own labels out of sample, but far fewer of those of the test rows; else "".

    Examples
    --------
    >>> print(other_rules((0.95, 0.94, 0.96), (0.45, 0.41, 0.49)))
    The labels of the training data and of the test rows seem to follow different rules: a model trained on the data \
before cleaning agrees with 95.0 % of their labels out of sample (95 % interval 94.0 to 96.0), and with 45.0 % of the \
test labels (95 % interval 41.0 to 49.0). Check how each of them was labelled.
    >>> other_rules((0.95, 0.94, 0.96), (0.92, 0.88, 0.94))
    ''
    """
    if own[1] is None or own[1] <= tested[2] + GULF:
        return ""
    (mine, mine_within), (theirs, theirs_within) = (
        (f"{100 * (one[0] or 0):.1f} %", f"(95 % interval {100 * (one[1] or 0):.1f} to {100 * (one[2] or 0):.1f})")
        for one in (own, tested)
    )
    return (
        f"The labels of the training data and of the test rows seem to follow different rules: a model trained on the "
        f"data before cleaning agrees with {mine} of their labels out of sample {mine_within}, and with {theirs} of "
        f"the test labels {theirs_within}. Check how each of them was labelled."
    )
