"""Slices whose noise the screening models have learnt to expect: how do their labels look to a model from outside?"""

from __future__ import annotations

import numpy as np

from dechaff.methods.noisy_slices.condition import Conditions, mask_of, stack
from dechaff.methods.noisy_slices.slice_evidence import (
    RULE_MARGIN,
    agreement,
    excess_disagreement,
    expected_agreement,
)
from dechaff.methods.noisy_slices.slice_models import SliceModels
from dechaff.typing import Figures, FitPredict, Mask, Probs, Rows

_MOST_TRAININGS, _FEW_ROWS = 24, 1_000
"""Trainings on so few rows; on more rows fewer, down to one, so that the search costs about as much."""
_WORSE_Z = 2.0
"""z from which labels disagree more often than elsewhere, whatever the model expects: worth one training."""


def excess_from_outside(
    models: SliceModels, probs: Probs, conditions: Conditions, *, outside: Mask, fewest: int
) -> Figures:
    """z of the conditions under which labels disagree most often, each by one model that was trained without its rows.

    A model that has learnt that labels are mixed in one part is unsure there, so that their disagreement is as
    expected. A model trained on the other rows is not. Many such parts are merely hard, so each that stands out here is
    still to be examined.

    Parameters
    ----------
    models : labels (n,) and the models that examine
    probs : (n, k) float, rows sum to 1
        Out-of-fold; says where labels disagree, and how often they do at a given confidence.
    conditions : m conditions
    outside : (n,) bool
        The rows that count.
    fewest : int
        Of them, in a slice.

    Returns
    -------
    (m,) float
        -inf if no model was trained for a condition.
    """
    labels = models.labels
    usual = np.full(len(labels), float((probs.argmax(axis=1) == labels)[outside].mean()))
    worse = excess_disagreement(labels, probs, usual, conditions, among=outside)
    worse = np.where(conditions.holds @ outside.astype(np.float32) >= fewest, worse, -np.inf)
    most = max(1, _MOST_TRAININGS * _FEW_ROWS // max(int(outside.sum()), _FEW_ROWS))
    places = [int(place) for place in np.argsort(-worse, kind="stable")[:most] if worse[place] > _WORSE_Z]

    def predicted(look: tuple[FitPredict, Rows]) -> tuple[Rows, Probs]:
        fit_predict, rows = look
        fit_rows = np.flatnonzero(outside & ~mask_of(rows, len(labels)))
        return rows, fit_predict(fit_rows, labels[fit_rows], rows)

    looks = [
        (models.examiner(conditions.items[place].columns), _within(conditions, place, outside)) for place in places
    ]
    z = np.full(len(conditions.items), -np.inf)
    for place, (rows, inside) in zip(places, models.each(predicted, looks), strict=True):
        seen, only = probs.copy(), mask_of(rows, len(labels))
        seen[rows] = inside
        if agreement(labels, probs, rows) > agreement(labels, seen, rows) + RULE_MARGIN:
            continue
        expected = expected_agreement(labels, seen, among=outside & ~only)
        one = stack([(conditions.items[place], only)], len(labels))
        z[place] = excess_disagreement(labels, seen, expected, one, among=only)[0]
    return z


def _within(conditions: Conditions, place: int, among: Mask) -> Rows:
    rows = conditions.rows(place)
    return rows[among[rows]]
