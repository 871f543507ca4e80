"""The training rows of a positive-unlabelled learner: of two kinds, labelled and unlabelled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.errors import InputError, LabelsError
from dechaff.estimators.training_rows import TrainingRows, take
from dechaff.typing import FitPredict, Mask, Rows


@dataclass(frozen=True)
class PURows(TrainingRows):
    """n rows of which some are labelled positives."""

    @property
    def labelled(self) -> Mask:
        """(n,) bool."""
        return self.labels

    def places_that_count(self) -> Rows:
        """Where rows of weight above 0 stand; a LabelsError where they are of one kind."""
        places = super().places_that_count()
        _refuse_one_class(self.labelled[places])
        return places

    def fit_predict(self, estimator: Any) -> FitPredict:
        """The estimator bound to these rows: trained on some, asked about others."""

        def run(fit_rows: Rows, fit_codes: npt.NDArray[np.int64], predict_rows: Rows) -> npt.NDArray[np.float64]:
            _refuse_one_kind(fit_codes)
            model = self.fitted(estimator, fit_codes, rows=fit_rows)
            # Single precision may end a hair beyond 1.
            return np.clip(np.asarray(model.predict_proba(take(self.X, predict_rows)), dtype=np.float64), 0, 1)

        return run


def _refuse_one_class(labelled: Mask) -> None:
    """A LabelsError where rows of weight 0 were all there was of one kind."""
    if labelled.all() or not labelled.any():
        found = "one class: " + ("labelled positives" if labelled.all() else "unlabelled rows") + " only"
        must = "have both classes, labelled and unlabelled, among the rows of weight above 0"
        raise LabelsError("y", must, found, "Give weight to rows of the other class.")


def _refuse_one_kind(codes: npt.NDArray[np.int64]) -> None:
    if codes.min(initial=1) == codes.max(initial=0):
        kind = "labelled" if codes.any() else "unlabelled"
        must = "leave rows of both classes, labelled and unlabelled, to learn from"
        raise InputError("cv", must, f"a fold that leaves {kind} rows only", "Leave cv out: its folds are stratified.")
