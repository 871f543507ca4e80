"""Slices whose noise the screening models have learnt to expect: how do their labels look to a model from outside?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dechaff.methods.noisy_slices.condition import Conditions, mask_of, stack
from dechaff.methods.noisy_slices.slice_evidence import (
    RULE_MARGIN,
    agreement,
    excess_disagreement,
    expected_agreement,
)
from dechaff.methods.noisy_slices.slice_models import SliceModels
from dechaff.typing import Figures, FitPredict, Labels, Mask, Probs, Rows

_MOST_CONDITIONS = 24
_MOST_TRAININGS, _FEW_ROWS = 6, 1_000
"""Trainings on so few rows; on more rows fewer, down to one, so that the search costs about as much."""
_MOST_FITTED = 10_000
"""Rows of a training, evenly spaced: what it finds is examined by a model of all rows before anything is said."""
_WORSE_Z = 2.0
"""z from which labels disagree more often than elsewhere, whatever the model expects: worth one training."""


def excess_from_outside(
    models: SliceModels, probs: Probs, conditions: Conditions, *, outside: Mask, fewest: int
) -> Figures:
    """z of the conditions under which labels disagree most often, each by a model that was trained without its rows.

    A model that has learnt that labels are mixed in one part is unsure there, so that their disagreement is as
    expected. A model trained on the other rows is not. Many such parts are merely hard, so each that stands out here is
    still to be examined. Conditions on the same columns share a training, which leaves out the rows of them all.

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
    places = [int(i) for i in np.argsort(-worse, kind="stable")[:_MOST_CONDITIONS] if worse[i] > _WORSE_Z]
    most = max(1, _MOST_TRAININGS * _FEW_ROWS // max(int(outside.sum()), _FEW_ROWS))
    packs = _packed(labels, conditions, places, outside)[:most]

    def predicted(look: tuple[FitPredict, Mask]) -> tuple[Rows, Probs]:
        # Without `models`, which cannot be sent to another process.
        fit_predict, left_out = look
        fit_rows, rows = _some_of(np.flatnonzero(outside & ~left_out)), np.flatnonzero(left_out)
        return rows, fit_predict(fit_rows, labels[fit_rows], rows)

    looks = [(models.examiner(pack.columns), pack.mask) for pack in packs]
    z = np.full(len(conditions.items), -np.inf)
    for pack, (rows, inside) in zip(packs, models.each(predicted, looks), strict=True):
        seen = probs.copy()
        seen[rows] = inside
        for place in pack.places:
            z[place] = _excess(labels, probs, seen, (conditions, place), outside)
    return z


def _some_of(rows: Rows) -> Rows:
    if len(rows) <= _MOST_FITTED:
        return rows
    return rows[np.linspace(0, len(rows) - 1, _MOST_FITTED).astype(np.int64)]


@dataclass
class _Pack:
    """Conditions on the same columns whose rows are left out of one training."""

    columns: tuple[str, ...]
    mask: Mask
    places: list[int]


def _packed(labels: Labels, conditions: Conditions, places: Sequence[int], outside: Mask) -> list[_Pack]:
    """Conditions in few trainings, each of which keeps half of every class; one that leaves less has its own."""
    packs: list[_Pack] = []
    fewest = np.bincount(labels[outside]) // 2
    for place in places:
        columns, mask = conditions.items[place].columns, mask_of(conditions.rows(place), len(labels)) & outside
        for pack in packs:
            left = np.bincount(labels[outside & ~pack.mask & ~mask], minlength=len(fewest))
            if pack.columns == columns and (left >= fewest).all():
                pack.mask |= mask
                pack.places.append(place)
                break
        else:
            packs.append(_Pack(columns, mask, [place]))
    return packs


def _excess(labels: Labels, probs: Probs, seen: Probs, condition: tuple[Conditions, int], outside: Mask) -> float:
    """z of one condition by a model from outside; -inf where the model has no rule for its rows."""
    conditions, place = condition
    rows = conditions.rows(place)
    rows = rows[outside[rows]]
    if agreement(labels, probs, rows) > agreement(labels, seen, rows) + RULE_MARGIN:
        return -np.inf
    only = mask_of(rows, len(labels))
    from_outside = np.where(only[:, np.newaxis], seen, probs)
    expected = expected_agreement(labels, from_outside, among=outside & ~only)
    one = stack([(conditions.items[place], only)], len(labels))
    return float(excess_disagreement(labels, from_outside, expected, one, among=only)[0])
