"""A closer look at one slice: what a model says of it that has not seen it, and what to do with its rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy.stats import norm

from dechaff.methods.noisy_slices.condition import Condition, stack
from dechaff.methods.noisy_slices.excess_disagreement import critical_z, excess_disagreement, expected_agreement
from dechaff.methods.noisy_slices.slice_transition import SliceTransition, slice_transition
from dechaff.typing import FitPredict, Groups, Labels, Mask, Probs, Rows

SliceAction = Literal["drop", "relabel", "review"]

LEVEL = 0.01
"""Chance that any of the conditions tested stands out in data without noisy slices."""
_LEAST_EXCESS = 0.15
_RULE_MARGIN = 0.1
_ENOUGH_TO_LEARN = 60


@dataclass(frozen=True)
class NoisySlice:
    """One slice with the evidence; ``found.posterior`` (m, k) is of the true classes of ``rows`` (m,).

    ``agreement_within`` is that of a model trained on other rows of the slice: high where the slice follows a
    rule of its own, right or wrong; NaN where the slice is too small to tell.
    """

    condition: Condition
    rows: Rows
    agreement_inside: float
    agreement_outside: float
    expected_inside: float
    agreement_within: float
    z: float
    p_value: float
    found: SliceTransition
    action: SliceAction


@dataclass(frozen=True)
class Witnesses:
    """Who is asked about a slice.

    ``fit_predict`` trains the model that the search uses; ``second_opinion`` one of another kind (a linear model
    beside a flexible one), or None where there is none. ``folds`` (n,) says which rows are predicted together.
    """

    labels: Labels
    folds: Groups
    n_classes: int
    fit_predict: FitPredict
    second_opinion: FitPredict | None = None


def trained_on(witnesses: Witnesses, learned: Mask, fit_predict: FitPredict | None = None) -> Probs:
    """(n, k) probabilities for every row from models that saw only ``learned`` rows, and never the row itself.

    Learned rows are predicted out of fold; the others get the mean of the models of all folds.
    """
    labels, folds = witnesses.labels, witnesses.folds
    fit = fit_predict or witnesses.fit_predict
    probs = np.zeros((len(labels), witnesses.n_classes))
    names = np.unique(folds[learned])
    others = np.flatnonzero(~learned)
    for fold in names:
        fit_rows = np.flatnonzero(learned & (folds != fold))
        held_out = np.flatnonzero(learned & (folds == fold))
        predicted = fit(fit_rows, labels[fit_rows], np.concatenate([held_out, others]))
        probs[held_out] = predicted[: len(held_out)]
        probs[others] += predicted[len(held_out) :] / len(names)
    return probs


def examine_slice(
    witnesses: Witnesses, probs: Probs, condition: Condition, rows: Rows, outside: Mask, *, n_tested: int
) -> NoisySlice | None:
    """The slice with its evidence, or None where it does not stand out.

    Parameters
    ----------
    witnesses : labels, folds and models
    probs : (n, k) float, rows sum to 1
        From models that have not seen ``rows``.
    condition : what the rows have in common
    rows : (m,) int
    outside : (n,) bool
        Rows that the models of ``probs`` were trained on.
    n_tested : number of conditions among which this one was picked; Bonferroni's bound goes by it.
    """
    labels = witnesses.labels
    expected = expected_agreement(labels, probs, among=outside)
    only = stack([(condition, mask_of(rows, len(labels)))], len(labels))
    z = float(excess_disagreement(labels, probs, expected, only, among=mask_of(rows, len(labels)))[0])
    agrees = probs.argmax(axis=1) == labels
    inside, wanted = float(agrees[rows].mean()), float(expected[rows].mean())
    found = slice_transition(labels[rows], probs[rows])
    stands_out = z >= critical_z(n_tested, level=LEVEL) and wanted - inside >= _LEAST_EXCESS
    if not stands_out or found.noise_rate < _LEAST_EXCESS:
        return None
    within = _agreement_within(witnesses, rows)
    action = _action(witnesses, condition, found, within, rows, outside)
    share = float(agrees[outside].mean())
    return NoisySlice(condition, rows, inside, share, wanted, within, z, float(norm.sf(z)), found, action)


def seen_again(witnesses: Witnesses, probs: Probs, one: NoisySlice) -> NoisySlice:
    """The same slice under a later model, which has seen none of the slices."""
    found = slice_transition(witnesses.labels[one.rows], probs[one.rows])
    agrees = probs[one.rows].argmax(axis=1) == witnesses.labels[one.rows]
    return replace(one, found=found, agreement_inside=float(agrees.mean()))


def mask_of(rows: Rows, n_rows: int) -> Mask:
    """True at the rows named."""
    mask = np.zeros(n_rows, dtype=np.bool_)
    mask[rows] = True
    return mask


def _agreement_within(witnesses: Witnesses, rows: Rows) -> float:
    if len(rows) < _ENOUGH_TO_LEARN or len(np.unique(witnesses.folds[rows])) < 2:
        return float("nan")
    probs = trained_on(witnesses, mask_of(rows, len(witnesses.labels)))
    return float((probs[rows].argmax(axis=1) == witnesses.labels[rows]).mean())


def _action(
    witnesses: Witnesses, condition: Condition, found: SliceTransition, within: float, rows: Rows, outside: Mask
) -> SliceAction:
    """Act by itself only where the evidence speaks against a rule that is merely different in the slice."""
    if found.nature == "random":
        return "review" if _learnable(witnesses.labels[rows], within) else "drop"
    if found.nature == "swapped" and condition.incidental and _second_agrees(witnesses, rows, outside):
        return "relabel"
    return "review"


def _learnable(labels: Labels, within: float) -> bool:
    share = np.bincount(labels).max() / len(labels)
    return bool(within > share + max(_RULE_MARGIN, 2 * np.sqrt(share * (1 - share) / len(labels))))


def _second_agrees(witnesses: Witnesses, rows: Rows, outside: Mask) -> bool:
    if witnesses.second_opinion is None:
        return True
    fit_rows = np.flatnonzero(outside)
    probs = witnesses.second_opinion(fit_rows, witnesses.labels[fit_rows], rows)
    return slice_transition(witnesses.labels[rows], probs).nature == "swapped"
