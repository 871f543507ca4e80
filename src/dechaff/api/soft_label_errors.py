"""``find_soft_label_errors``: which labels that are distributions are wrong, given what a model says of each row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.api.callers_rows import like_callers
from dechaff.api.label_row_names import check_one_order
from dechaff.checks import check_probs, check_same_length
from dechaff.data.classes import class_names_of_both, named
from dechaff.errors import InputError
from dechaff.methods.label_errors.judged_labels import JudgedLabels, judge_labels
from dechaff.methods.label_errors.rows_judged_again import true_probs_of
from dechaff.methods.soft_labels.drawn_labels import drawn_labels
from dechaff.methods.soft_labels.soft_posterior import divergence, soft_posterior
from dechaff.typing import ClassMatrix, Numbers, Probs, Score

ROW_DEPENDENT_WEIGHT = 0.7
"""Of the labels where the row decides over errors: people and model then err in the same rows, and labels that are
taken at their word drown the model. .5 to .7 measured alike on three people's labels of CIFAR-10."""
SAME = 1e-9
"""Shares that differ by less are one and the same: three answers a row do not add up to thirds exactly."""


@dataclass(frozen=True)
class SoftLabelErrors:
    """What is wrong with n soft labels. A label is wrong where the true class is none of its most probable ones."""

    posterior: Probs
    """(n, k) probability of each true class, model and label taken together: a better soft label."""
    soft_labels: Probs
    """(n, k) as given."""
    judged: JudgedLabels
    """Of plain labels drawn from the soft ones."""
    classes: list[Any]
    given: Any
    """The soft labels, or else the probabilities, as they were handed in: whichever has an index."""

    @cached_property
    def log_odds(self) -> Any:
        """(n,) the score as log-odds, which do not tie."""
        return like_callers(self._log_odds, self.given)

    @cached_property
    def score(self) -> Any:
        """(n,) probability that the label is wrong; higher = look at this row first."""
        return like_callers(self._score, self.given)

    @cached_property
    def flag(self) -> Any:
        """(n,) labels that are more likely wrong than right."""
        return like_callers(np.asarray(self._log_odds > 0), self.given)

    @cached_property
    def suggested(self) -> Any:
        """(n,) the most probable class, other than the label's own ones where there is another."""
        others = np.where(self._own, self.posterior - 1, self.posterior)
        return like_callers(named(others.argmax(axis=1), self.classes), self.given)

    @cached_property
    def divergence(self) -> Any:
        """(n,) how far label and posterior are apart, from 0 to 1."""
        return like_callers(divergence(self.soft_labels, self.posterior), self.given)

    @property
    def noise_rate(self) -> float:
        """Share of soft labels that are wrong: the mean score."""
        return float(self._score.mean()) if len(self._score) else 0.0

    @property
    def n_errors(self) -> float:
        """Estimated number of wrong soft labels."""
        return float(self._score.sum())

    @property
    def noise_matrix(self) -> ClassMatrix:
        """(k, k) p(label drawn from the soft one = row | true = column)."""
        return self.judged.transition

    @property
    def draw_noise_rate(self) -> float:
        """Share of wrong labels among those drawn from the soft ones, as if one of several people were asked."""
        return self.judged.rate

    @property
    def draw_noise_rate_low(self) -> float:
        """Lower end of its 95 % interval."""
        return self.judged.rate_low

    @property
    def draw_noise_rate_high(self) -> float:
        """Upper end of its 95 % interval."""
        return self.judged.rate_high

    def __repr__(self) -> str:
        flagged, n = int((self._log_odds > 0).sum()), len(self._log_odds)
        return f"<SoftLabelErrors: {flagged:,} of {n:,} soft labels flagged; noise rate {self.noise_rate:.3g}>"

    @cached_property
    def _own(self) -> npt.NDArray[np.bool_]:
        """(n, k) the classes that each label stands for: its most probable ones."""
        return np.asarray(self.soft_labels >= self.soft_labels.max(axis=1, keepdims=True) - SAME)

    @cached_property
    def _log_odds(self) -> Numbers:
        own = np.where(self._own, self.posterior, 0.0).sum(axis=1)
        others = np.where(self._own, 0.0, self.posterior).sum(axis=1)
        smallest = np.finfo(float).tiny
        return np.asarray(np.log(np.maximum(others, smallest)) - np.log(np.maximum(own, smallest)))

    @cached_property
    def _score(self) -> Score:
        return np.asarray(np.exp(-np.logaddexp(0, -self._log_odds)))


def find_soft_label_errors(
    soft_labels: npt.ArrayLike, probs: npt.ArrayLike, *, classes: Sequence[Any] | None = None
) -> SoftLabelErrors:
    """The rows whose soft label points to the wrong class, and what the right one would be.

    How labels go wrong is read, as for plain labels, from one label drawn from each soft one; each soft label then
    speaks for the true classes by the geometric mean of what its classes say; a little less loudly where errors depend
    on the row.

    Parameters
    ----------
    soft_labels : (n, k) float, rows sum to 1
        Given distributions, such as shares of several people's answers; may be wrong.
    probs : (n, k) float, rows sum to 1
        Out-of-sample probabilities. In-sample ones hide errors.
    classes : k names, default the columns of probs or soft_labels, or 0 … k-1
        In the order of the columns.

    Returns
    -------
    SoftLabelErrors

    Raises
    ------
    InputError
        Where shapes or the order of named columns differ, or a row of either is no distribution.

    Examples
    --------
    >>> import dechaff, numpy as np
    >>> probs = np.repeat([[0.9, 0.1], [0.1, 0.9]], 50, axis=0)
    >>> soft_labels = np.repeat([[0.8, 0.2], [0.0, 1.0]], 50, axis=0)
    >>> soft_labels[:3] = [0.1, 0.9]
    >>> found = dechaff.find_soft_label_errors(soft_labels, probs, classes=["cat", "dog"])
    >>> np.flatnonzero(found.flag), found.suggested[:3].tolist()
    (array([0, 1, 2]), ['cat', 'cat', 'cat'])
    """
    given, checked = check_probs(soft_labels, name="soft_labels"), check_probs(probs)
    check_same_length(soft_labels=given, probs=checked)
    if given.shape[1] != checked.shape[1]:
        raise InputError(
            "soft_labels and probs",
            "have one column for each class, the same classes in the same order",
            f"{given.shape[1]} columns in soft_labels, {checked.shape[1]} columns in probs",
            "Give a class that nobody chose a column of zeros.",
        )
    names = class_names_of_both(classes, probs, given.shape[1], soft_labels=soft_labels)
    check_one_order(soft_labels=soft_labels, probs=probs)
    judged = judge_labels(drawn_labels(given), checked)
    posterior = soft_posterior(
        given, true_probs_of(judged, checked), transition=judged.transition, weight=_weight(judged)
    )
    callers = soft_labels if hasattr(soft_labels, "iloc") else probs
    return SoftLabelErrors(posterior, given, judged, names, callers)


def _weight(judged: JudgedLabels) -> float:
    return ROW_DEPENDENT_WEIGHT if judged.kind == "instance-dependent" else 1.0
