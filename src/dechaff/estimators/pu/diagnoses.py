"""Diagnostics of a fitted positive-unlabelled classifier."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dechaff.core.row_hash import row_hash
from dechaff.estimators.content_folds import label_folds, seed_of
from dechaff.estimators.pu.diagnostic_inputs import feature_columns, flexible_reference, reweighting_of
from dechaff.estimators.pu.estimates import NamedRows
from dechaff.estimators.training_rows import checked_length, checked_weights
from dechaff.methods.pu.diagnostics.diagnose import Evidence, diagnose
from dechaff.methods.pu.diagnostics.missing_structure import NAME as STRUCTURE
from dechaff.methods.pu.diagnostics.score_diagnoses import Diagnosis
from dechaff.methods.pu.diagnostics.selection_at_random import NAME as SELECTION
from dechaff.models.single_threaded import single_threaded


@dataclass(frozen=True, repr=False)
class PUDiagnoses(NamedRows[Diagnosis]):
    """Results of the diagnostics: printed as a list with problems first, accessed by name or position.

    Examples
    --------
    >>> few = Diagnosis("few positives", True, 12.0, "Only 12 rows are labelled.", "Label at least 60.")
    >>> learns = Diagnosis("model learns nothing", False, 0.9, "It learns.")
    >>> found = PUDiagnoses((learns, few))
    >>> print(found)
    Wrong
      few positives: Only 12 rows are labelled. Label at least 60.
    Fine
      model learns nothing: It learns.
    >>> found["few positives"].figure, [one.name for one in found.wrong]
    (12.0, ['few positives'])
    """

    KIND = "diagnoses"

    @property
    def wrong(self) -> tuple[Diagnosis, ...]:
        """The diagnoses that found a problem."""
        return tuple(one for one in self.rows if one.wrong)

    def __repr__(self) -> str:
        kinds = {
            "Wrong": self.wrong,
            "Fine": tuple(one for one in self.rows if one.checked and not one.wrong),
            "Not checked": tuple(one for one in self.rows if not one.checked),
        }
        return "\n".join(f"{head}\n" + "\n".join(f"  {one}" for one in rows) for head, rows in kinds.items() if rows)


def pu_diagnoses(model: Any, X: Any = None, sample_weight: Any = None) -> PUDiagnoses:
    """Runs every diagnostic on the training rows of a fitted classifier.

    Parameters
    ----------
    model : fitted classifier with ``label_probs_`` and ``labelled_``
    X : the n rows passed to ``fit``, or None
        Needed to check whether labelling depends on features, and whether the model underfits (which trains boosted
        trees on the folds). Texts have no feature columns.
    sample_weight : (n,) float, as in ``fit``

    Raises
    ------
    InputError
        If X or the weights do not have n rows.
    """
    labelled = model.labelled_
    if X is not None:
        checked_length(X, len(labelled))
    weights, seed = checked_weights(sample_weight, len(labelled)), seed_of(model.random_state)
    columns = None if X is None else feature_columns(X)
    reference = None
    if columns is not None and not hasattr(X, "tocsc"):
        counts = np.where(np.isfinite(model.label_probs_), 1.0 if weights is None else weights, 0.0)
        folds = label_folds(row_hash(X), labelled, weights=counts, seed=seed)
        reference = flexible_reference(columns.values, labelled & (counts > 0), folds, seed=seed)
    evidence = Evidence(
        model.label_probs_,
        labelled,
        weights=weights,
        features=None if columns is None else columns.values,
        feature_names=() if columns is None else columns.names,
        reference_probs=reference,
        reweighting=reweighting_of(model.estimator),
    )
    # Small fits, in one thread as in `pu_estimates`.
    with single_threaded():
        found = diagnose(evidence, seed=seed)
    return PUDiagnoses(tuple(map(_asking_for_rows, found)) if X is None else found)


def _asking_for_rows(one: Diagnosis) -> Diagnosis:
    """Adds to diagnoses that need features how to pass them."""
    needs_rows = not one.checked and one.name in (STRUCTURE, SELECTION)
    return replace(one, do="Pass the training rows: diagnose(X).") if needs_rows else one
