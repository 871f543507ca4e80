"""Label errors that a classifier found in its training rows, and how it treated them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.estimators.class_labels import ClassLabels
from dechaff.estimators.clean.label_treatments import Treated
from dechaff.estimators.clean.row_label_errors import RowLabelErrors
from dechaff.typing import ClassMatrix, Mask, Numbers, Rows, Score


@dataclass(frozen=True)
class FoundErrors:
    """Results for the n rows passed to ``fit``, in their order."""

    score: Score = field(repr=False)
    """(n,) probability that the label is wrong; higher = look at this row first. NaN for rows of weight 0."""
    flag: Mask = field(repr=False)
    """(n,) likely errors."""
    suggested: npt.NDArray[Any] = field(repr=False)
    """(n,) the most probable other label; the given label for rows of weight 0."""
    suggested_prob: Numbers = field(repr=False)
    """(n,) probability of the suggested label; NaN for rows of weight 0."""
    learnt_as: npt.NDArray[Any] = field(repr=False)
    """(n,) the label the model was trained on."""
    learnt_weight: Numbers = field(repr=False)
    """(n,) weight in training, times the row's own weight; 0 = dropped."""
    noise_rate: float
    """Estimated fraction of wrong labels."""
    noise_rate_low: float
    noise_rate_high: float
    """95 % interval of `noise_rate`."""
    kind: str
    """Kind of label noise: class-conditional, instance-dependent, or "none found"."""
    noise_matrix: ClassMatrix = field(repr=False)
    """(k, k) p(given = row | true = column), in the order of ``classes_``."""
    treatment: str
    """Name of the treatment that was applied, or "none"."""
    gains: Mapping[str, float]
    """Rise in accuracy on held-out given labels, by treatment; empty if none was tried."""

    @property
    def n_left_out(self) -> int:
        """Number of rows that were dropped."""
        return int((self.learnt_weight == 0).sum())

    @property
    def n_relabelled(self) -> int:
        """Number of rows trained on with the suggested label."""
        return int((self.flag & (self.learnt_as == self.suggested) & (self.learnt_weight > 0)).sum())

    @property
    def n_downweighted(self) -> int:
        """Number of flagged rows with a weight below one half, dropped rows excluded."""
        return int((self.flag & (self.learnt_weight > 0) & (self.learnt_weight < 0.5)).sum())


def found_errors(
    given: ClassLabels,
    places: Rows,
    errors: RowLabelErrors | None,
    treated: Treated,
    treatment: str,
    gains: Mapping[str, float],
) -> FoundErrors:
    """The record for all n rows.

    Parameters
    ----------
    given : labels of all n rows
    places : (m,) int
        Rows of weight above 0.
    errors : estimates for the m rows; None if there were too few folds.
    treated : training labels and weights of the m rows
    treatment : name of the treatment
    gains : by treatment

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
    if errors is not None:
        score[places], suggested_prob[places] = errors.score, errors.suggested_prob
        flag[places], suggested[places] = errors.flag, errors.suggested
    noise = None if errors is None else errors.noise
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
