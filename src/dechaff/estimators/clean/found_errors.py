"""What a classifier that doubts its labels found in its training rows, and what it did about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.estimators.class_labels import ClassLabels
from dechaff.estimators.clean.label_treatments import Treated
from dechaff.estimators.clean.row_judgement import Judgement
from dechaff.typing import ClassMatrix, Mask, Numbers, Rows, Score


@dataclass(frozen=True)
class FoundErrors:
    """Of n rows, in the order of ``fit``."""

    score: Score = field(repr=False)
    """(n,) probability that the label is wrong, higher = look at this row first; NaN for rows of weight 0."""
    flag: Mask = field(repr=False)
    """(n,) the likely errors."""
    suggested: npt.NDArray[Any] = field(repr=False)
    """(n,) the most probable other label; the given one for rows of weight 0."""
    suggested_prob: Numbers = field(repr=False)
    """(n,) its probability; NaN for rows of weight 0."""
    learnt_as: npt.NDArray[Any] = field(repr=False)
    """(n,) the label that the model has learnt for the row."""
    learnt_weight: Numbers = field(repr=False)
    """(n,) what the row counted for beside its own weight: 1, less, or 0 where it was left out."""
    noise_rate: float
    """Estimated share of wrong labels."""
    noise_rate_low: float
    noise_rate_high: float
    """95 % interval of `noise_rate`."""
    kind: str
    """Whether labels go wrong by class or by row, or "none found"."""
    noise_matrix: ClassMatrix = field(repr=False)
    """(k, k) p(given = row | true = column), in the order of ``classes_``."""
    treatment: str
    """What was done: the name of a treatment, or "none"."""
    gains: Mapping[str, float]
    """By how much more of the held-out labels the model agreed with after each treatment; empty where not tried."""

    @property
    def n_left_out(self) -> int:
        """Rows that were left out."""
        return int((self.learnt_weight == 0).sum())

    @property
    def n_relabelled(self) -> int:
        """Rows that were learnt with the suggested label."""
        return int((self._relabelled & (self.learnt_weight > 0)).sum())

    @property
    def n_weighed_down(self) -> int:
        """Flagged rows that counted for less than half."""
        return int((self.flag & (self.learnt_weight > 0) & (self.learnt_weight < 0.5)).sum())

    @property
    def _relabelled(self) -> Mask:
        return np.asarray(self.flag & (self.learnt_as == self.suggested))


def found_errors(
    given: ClassLabels,
    places: Rows,
    judged: Judgement | None,
    treated: Treated,
    treatment: str,
    gains: Mapping[str, float],
) -> FoundErrors:
    """The record for all rows, of which those at `places` (m,) have been judged and treated; None where none could be.

    Examples
    --------
    >>> given = ClassLabels(np.array([0, 1]), np.array(["a", "b"]))
    >>> nothing = Treated(given.codes, np.ones(2))
    >>> found_errors(given, np.arange(2), None, nothing, "none", {})
    FoundErrors(noise_rate=0.0, noise_rate_low=0.0, noise_rate_high=1.0, kind='none found', treatment='none', gains={})
    """
    codes, k = given.codes, len(given.classes)
    score, suggested_prob = np.full(len(codes), np.nan), np.full(len(codes), np.nan)
    flag, suggested, learnt_as = np.zeros(len(codes), dtype=np.bool_), codes.copy(), codes.copy()
    learnt_weight = np.zeros(len(codes))
    score[places], suggested_prob[places] = 0.0, 0.0
    learnt_as[places], learnt_weight[places] = treated.codes, treated.weights
    if judged is not None:
        score[places], suggested_prob[places] = judged.score, judged.suggested_prob
        flag[places], suggested[places] = judged.flag, judged.suggested
    noise = None if judged is None else judged.noise
    return FoundErrors(
        score=score,
        flag=flag,
        suggested=given.classes[suggested],
        suggested_prob=suggested_prob,
        learnt_as=given.classes[learnt_as],
        learnt_weight=learnt_weight,
        noise_rate=0.0 if noise is None else noise.rate,
        noise_rate_low=0.0 if noise is None else noise.rate_low,
        noise_rate_high=1.0 if noise is None else noise.rate_high,
        kind="none found" if noise is None else noise.kind,
        noise_matrix=np.eye(k) if noise is None else noise.transition,
        treatment=treatment,
        gains=dict(gains),
    )
