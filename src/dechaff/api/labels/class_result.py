"""Results whose items carry one class each: the noise matrix, its kind, and the recall of the flags."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.api.labels.estimates import Estimate
from dechaff.api.labels.result import LabelResult, Scored
from dechaff.data.classes import Values
from dechaff.methods.label_errors.label_error_estimates import LabelErrorEstimates
from dechaff.methods.label_reviews.review_corrections import JudgedRows, row_evidence
from dechaff.methods.label_reviews.updated_scores import updated_joint
from dechaff.recipe.improve.estimated_recall import MOST, Flagging, estimated_recall
from dechaff.typing import Features, Labels, Numbers, Probs

_TINY = 1e-300


@dataclass(frozen=True, repr=False, kw_only=True)
class ClassResult(LabelResult):
    """Base of results whose items carry one class each."""

    judged: LabelErrorEstimates = field(repr=False)
    """The result of the method, before reviews."""
    labels: Labels = field(repr=False)
    """(n,) given labels as codes."""
    probs: Probs = field(repr=False)
    """(n, k) out-of-sample probabilities that the labels were judged by."""
    class_names: Values
    """(k,) the classes in the caller's own values, in the order of the columns."""

    @cached_property
    def scored(self) -> Scored:
        """The result of the method, before reviews."""
        judged = self.judged
        rate = Estimate(float(judged.rate), float(judged.rate_low), float(judged.rate_high))
        return Scored(judged.log_odds, judged.flag, self.labels, judged.suggested, rate)

    @cached_property
    def noise_matrix(self) -> Estimate:
        """(k, k) p(given = row | true = column), with a 95 % interval of each entry, widened to hold reviews."""
        judged, update, reviews = self.judged, self.review_update, self.reviews
        if update is None:
            return Estimate(judged.transition, judged.transition_low, judged.transition_high)
        joint = updated_joint(
            judged.expected_joint, self.labels, judged.suggested, judged.log_odds, update.log_odds,
            reviewed=reviews.rows, true=reviews.true,
        )  # fmt: skip
        columns = joint.sum(axis=0, keepdims=True)
        matrix = np.where(columns > 0, joint / np.maximum(columns, _TINY), np.eye(len(joint)))
        low, high = np.minimum(judged.transition_low, matrix), np.maximum(judged.transition_high, matrix)
        return Estimate(matrix, low, high)

    @property
    def kind(self) -> str:
        """Whether noise is class-conditional or instance-dependent."""
        return self.judged.kind

    @property
    def kind_sure(self) -> float:
        """Confidence in `kind`, from 0 (a coin flip) to 1."""
        return float(self.judged.kind_sure)

    def estimated_recall(self, *, most: int = MOST) -> Estimate:
        """Fraction of all wrong labels that is flagged: at most about the value, by injected noise.

        Errors that people or rules make where rows are hard, or that the model repeats, are harder to see than the
        injected ones; the lower end of the interval allows for as many as `noise_rate` does. At most `most` errors are
        injected, as the noise matrix says.
        """
        rows = Flagging(
            self.judged,
            self.labels,
            self.probs,
            np.asarray(self.noise_matrix.value),
            self._log_odds,
            self._flag,
            self.n_errors.high,
            self._corrected,
        )
        return Estimate(*estimated_recall(rows, most=most, seed=self.seed))

    def _corrected(self, log_odds: Numbers, labels: Labels, suggested: Labels, probs: Probs) -> Numbers:
        """Log-odds of other labels, after the reviews."""
        if self.review_update is None:
            return log_odds
        rows = JudgedRows(log_odds, labels, suggested, row_evidence(labels, probs))
        return self.review_update.scores.log_odds(rows)

    @property
    def _evidence(self) -> Features:
        return row_evidence(self.labels, self.probs)

    @property
    def _review_classes(self) -> Sequence[Any]:
        return list(self.class_names.tolist())

    def _values(self, labels: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return np.asarray(self.class_names[labels])
