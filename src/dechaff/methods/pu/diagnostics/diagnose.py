"""All diagnostics on one set of rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dechaff.checks import check_same_length
from dechaff.methods.pu.binned_scores import bin_scores
from dechaff.methods.pu.diagnostics.missing_structure import NAME as STRUCTURE
from dechaff.methods.pu.diagnostics.missing_structure import missing_structure
from dechaff.methods.pu.diagnostics.positive_errors import PositiveErrors, positive_errors
from dechaff.methods.pu.diagnostics.prior_identifiable import identifiability, prior_certain, prior_identifiable
from dechaff.methods.pu.diagnostics.score_diagnoses import (
    Diagnosis,
    classes_overlap,
    few_positives,
    model_calibrated,
    model_learns,
    nearly_all_labelled,
    not_checked,
    wrong_positives,
)
from dechaff.methods.pu.diagnostics.selection_at_random import NAME as SELECTION
from dechaff.methods.pu.diagnostics.selection_at_random import selection_at_random
from dechaff.typing import Features, Mask, Numbers

_PER_ROW = ("label_probs", "labelled", "weights", "features", "reference_probs")


@dataclass(frozen=True)
class DiagnosisInputs:
    """The input of all diagnoses; only scores and labels are required."""

    label_probs: Numbers
    """Out-of-fold g of the base model; NaN for rows that were left out."""
    labelled: Mask
    weights: Numbers | None = None
    """How often each row counts; used if rows are counted along the score, not if they are compared."""
    features: Features | None = None
    """What the labelling may have depended on, as numbers; NaN if a value is missing."""
    feature_names: tuple[str, ...] = ()
    reference_probs: Numbers | None = None
    """Out-of-fold g of a more flexible model."""
    reweighting: str = ""
    """What the base model does with the classes, such as ``class_weight='balanced'``; "" for nothing."""
    errors: PositiveErrors | None = None
    """`positive_errors` of these rows; estimated if it is None."""


def diagnose(evidence: DiagnosisInputs, *, seed: int = 0) -> tuple[Diagnosis, ...]:
    """All diagnoses of the rows, the model and the labels, in words, whether or not something is wrong.

    Without features, whether labelling depends on them is not checked; without a reference, neither is what the base
    model misses.

    Parameters
    ----------
    evidence : DiagnosisInputs
    seed : decides the bootstraps.

    Returns
    -------
    tuple of Diagnosis, from the model to the labels; always the same ones, by name.

    Raises
    ------
    InputError
        If lengths differ, a score is outside [0, 1], or no row is labelled or unlabelled.

    Examples
    --------
    >>> f = np.linspace(0, 1, 1000) ** 4
    >>> labelled = np.random.default_rng(0).random(1000) < 0.2 * f
    >>> found = diagnose(DiagnosisInputs(0.2 * f, labelled))
    >>> [one.name for one in found if one.wrong]
    ['few positives', 'classes overlap', 'prior not identifiable', 'prior uncertain']
    """
    seen = _seen(evidence)
    binned = bin_scores(seen.label_probs, seen.labelled, weights=seen.weights)
    identified = identifiability(binned)
    return (
        few_positives(binned),
        model_learns(binned),
        model_calibrated(binned, seen.reweighting),
        _structure(seen),
        classes_overlap(binned),
        prior_identifiable(identified),
        prior_certain(identified),
        nearly_all_labelled(binned),
        wrong_positives(
            seen.errors or positive_errors(seen.label_probs, seen.labelled, weights=seen.weights, seed=seed)
        ),
        _selection(seen),
    )


def _structure(seen: DiagnosisInputs) -> Diagnosis:
    if seen.reference_probs is None:
        return not_checked(STRUCTURE, "no more flexible model was trained on these features")
    return missing_structure(seen.label_probs, seen.labelled, seen.reference_probs)


def _selection(seen: DiagnosisInputs) -> Diagnosis:
    if seen.features is None:
        return not_checked(SELECTION, "no features were passed as numbers")
    return selection_at_random(seen.label_probs, seen.labelled, seen.features, seen.feature_names)


def _seen(evidence: DiagnosisInputs) -> DiagnosisInputs:
    """The rows that have a score and a weight."""
    per_row: dict[str, Any] = {name: values for name in _PER_ROW if (values := getattr(evidence, name)) is not None}
    check_same_length(**per_row)
    kept = np.isfinite(evidence.label_probs)
    if evidence.weights is not None:
        kept &= evidence.weights > 0
    return replace(evidence, **{name: values[kept] for name, values in per_row.items()})
