"""What may be wrong with labelled positives, in the words of the command."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np

from dechaff.core.table import Column
from dechaff.data.dataset import Dataset
from dechaff.estimators.pu.diagnostic_inputs import flexible_reference, reweighting_of
from dechaff.methods.pu.diagnostics.diagnose import DiagnosisInputs, diagnose
from dechaff.methods.pu.diagnostics.missing_structure import NAME as STRUCTURE
from dechaff.methods.pu.diagnostics.positive_errors import PositiveErrors
from dechaff.methods.pu.diagnostics.score_diagnoses import Diagnosis
from dechaff.typing import Groups, Mask, Numbers

UNDERMINES = frozenset(
    {"few positives", "model learns nothing", "model uncalibrated", "prior not identifiable", "selection not at random"}
)
"""If one of these is wrong, so are the probabilities, and no label is changed without a review."""
ERRORS = "errors among positives"
_DO: Mapping[str, str] = MappingProxyType(
    {
        "few positives": "Label at least 60 positives.",
        "classes overlap": "e1 is not used here. Better columns would help.",
        "prior not identifiable": (
            "Treat the label frequency as a lower bound and the class prior as an "
            "upper one; or label a random sample completely: 100 rows give the prior to within 10 points."
        ),
        "prior uncertain": "Look at the table of estimates, and report the range in which they agree.",
        ERRORS: "Review the rows of P002 first.",
    }
)
"""What to do, if the advice of the Python classes does not fit."""
_MOST_CATEGORIES = 10
_MOST_FEATURES = 200


def diagnosed(
    train: Dataset,
    label_probs: Numbers,
    labelled: Mask,
    folds: Groups,
    *,
    errors: PositiveErrors | None = None,
    model: Any = None,
    seed: int = 0,
) -> tuple[Diagnosis, ...]:
    """Every diagnostic on the rows of a data set.

    Parameters
    ----------
    train : the data
    label_probs : (n,) float from 0 to 1, out of fold
    labelled : (n,) bool
    folds : (n,) int, those of `label_probs`
    errors : among these labels, by the same seed, if they are estimated already.
    model : the user's, if it predicted them: boosted trees on the same folds tell whether it is too stiff for a table.
        The audit's own pool holds such trees.
    seed : decides the bootstraps.
    """
    columns = features_of(train)
    features = np.stack([values for _, values in columns], axis=1) if columns else None
    reference = None
    if model is not None and features is not None and not train.table.of_kind("text", "image"):
        reference = flexible_reference(features, labelled, folds, seed=seed)
    evidence = DiagnosisInputs(
        label_probs,
        labelled,
        features=features,
        feature_names=tuple(name for name, _ in columns),
        reference_probs=reference,
        reweighting=reweighting_of(model),
        errors=errors,
    )
    found = [one for one in diagnose(evidence, seed=seed) if one.name != STRUCTURE or reference is not None]
    return tuple(replace(one, do=_DO.get(one.name, one.do)) if one.wrong else one for one in found)


def features_of(train: Dataset) -> list[tuple[str, Numbers]]:
    """What labelling may have depended on, as numbers with names: columns, frequent categories, lengths of texts."""
    if train.features is not None:
        width = min(train.features.shape[1], _MOST_FEATURES)
        return [(f"feature {place}", train.features[:, place].astype(np.float64)) for place in range(width)]
    found = [pair for column in train.table.columns for pair in _numbers(column)]
    return found[:_MOST_FEATURES]


def _numbers(column: Column) -> list[tuple[str, Numbers]]:
    if column.kind in ("numeric", "datetime", "identifier"):
        return [(column.name, column.values.astype(np.float64))]
    if column.kind == "text":
        return [(f"length of {column.name}", np.array([len(text) for text in column.values], dtype=np.float64))]
    if column.kind == "image":
        return []
    names, counts = np.unique(column.values.astype(str), return_counts=True)
    frequent = names[np.lexsort((names, -counts))][:_MOST_CATEGORIES]
    return [(f"{column.name} = {name}", (column.values == name).astype(np.float64)) for name in sorted(frequent)]
