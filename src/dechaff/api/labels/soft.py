"""``find_soft_label_errors``: which labels that are distributions are wrong, given the probabilities of a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from dechaff.api.labels.estimates import Estimate
from dechaff.api.labels.names import RowNames, check_one_order
from dechaff.api.labels.result import RowResult, Scored
from dechaff.checks import check_probs, check_same_length, check_seed_and_threads
from dechaff.core.level_shift import level_shift
from dechaff.core.threads import use_threads
from dechaff.data.classes import class_names_of, named
from dechaff.errors import InputError
from dechaff.methods.label_errors.estimates_of_rows import true_probs_of
from dechaff.methods.label_errors.label_error_estimates import LabelErrorEstimates, estimate_checked_labels
from dechaff.methods.label_reviews.review_corrections import row_evidence
from dechaff.methods.soft_labels.soft_posterior import divergence, drawn_labels, soft_posterior
from dechaff.typing import Columns, Features, Mask, Numbers, Probs, Rows

INSTANCE_DEPENDENT_WEIGHT = 0.7
"""Of the labels if noise is instance-dependent: annotators and model then err in the same rows, and labels at full
weight outvote the model. .5 to .7 measured alike on labels of three annotators of CIFAR-10."""
SAME = 1e-9
"""Fractions that differ by less are the same: three answers per row do not add up to thirds exactly."""


@dataclass(frozen=True, repr=False, kw_only=True)
class SoftLabelErrors(RowResult):
    """What is wrong with n soft labels. A label is wrong if the true class is none of its most probable ones.

    `given` and `suggested` are classes: the most probable one of the label, and the best one that is none of those.

    Examples
    --------
    See `find_soft_label_errors`, which returns one.
    """

    ITEMS = "soft labels"
    posterior: Probs = field(repr=False)
    """(n, k) probability of each true class, model and label taken together: a better soft label."""
    soft_labels: Probs = field(repr=False)
    """(n, k) as given."""
    probs: Probs = field(repr=False)
    """(n, k) out-of-sample probabilities."""
    judged: LabelErrorEstimates = field(repr=False)
    """Of plain labels drawn from the soft ones."""
    class_names: list[Any]

    @cached_property
    def scored(self) -> Scored:
        """The result of the method, before reviews."""
        own = np.where(self._own, self.posterior, 0.0).sum(axis=1)
        others = np.where(self._own, 0.0, self.posterior).sum(axis=1)
        smallest = np.finfo(float).tiny
        odds = np.asarray(np.log(np.maximum(others, smallest)) - np.log(np.maximum(own, smallest)))
        best_other = np.where(self._own, self.posterior - 1, self.posterior).argmax(axis=1)
        return Scored(odds, odds > 0, self.soft_labels.argmax(axis=1), best_other, self._mean_score(odds))

    def _mean_score(self, odds: Numbers) -> Estimate:
        """The mean score. Its interval: the shifts of log-odds that reach the ends of the interval of drawn labels."""
        if not len(odds):
            return Estimate(0.0, 0.0, 1.0)
        drawn = self.judged
        shifts = [level_shift(drawn.log_odds, end) for end in (drawn.n_errors_low, drawn.n_errors, drawn.n_errors_high)]
        low, high = (float(expit(odds + shift - shifts[1]).mean()) for shift in (shifts[0], shifts[2]))
        value = float(expit(odds).mean())
        return Estimate(value, min(low, value), max(high, value))

    @cached_property
    def divergence(self) -> Any:
        """(n,) Jensen-Shannon divergence of label and posterior, from 0 to 1."""
        return self._like_callers(self._divergence)

    @property
    def noise_matrix(self) -> Estimate:
        """(k, k) p(label drawn from the soft one = row | true = column), with 95 % intervals, before reviews."""
        return Estimate(self.judged.transition, self.judged.transition_low, self.judged.transition_high)

    @property
    def draw_noise_rate(self) -> Estimate:
        """Fraction of wrong labels among those drawn from the soft ones, one annotator's label each."""
        return Estimate(self.judged.rate, self.judged.rate_low, self.judged.rate_high)

    def _values(self, labels: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return named(labels, self.class_names)

    def _more_columns(self, positions: Rows) -> Columns:
        return {"divergence": self._divergence[positions]}

    def _is_wrong(self, positions: Rows, true: npt.NDArray[Any]) -> Mask:
        return np.asarray((true < 0) | ~self._own[positions, true])

    @property
    def _review_classes(self) -> Sequence[Any]:
        return self.class_names

    @property
    def _evidence(self) -> Features:
        return row_evidence(self.scored.given, self.probs)

    @cached_property
    def _divergence(self) -> Numbers:
        return divergence(self.soft_labels, self.posterior)

    @cached_property
    def _own(self) -> npt.NDArray[np.bool_]:
        """(n, k) the classes that each label stands for: its most probable ones."""
        return np.asarray(self.soft_labels >= self.soft_labels.max(axis=1, keepdims=True) - SAME)


def find_soft_label_errors(
    soft_labels: npt.ArrayLike,
    probs: npt.ArrayLike,
    *,
    class_names: Sequence[Any] | None = None,
    ids: Any = None,
    seed: int = 0,
    threads: int | None = None,
) -> SoftLabelErrors:
    """The rows whose soft label points to the wrong class, and what the right one would be.

    The noise is estimated, as for plain labels, from one label drawn from each soft one; each soft label then counts
    for the true classes by the geometric mean of the likelihoods of its classes; with less weight if noise is
    instance-dependent.

    Parameters
    ----------
    soft_labels : (n, k) float, rows sum to 1
        Given distributions, such as fractions of several annotators' answers; may be wrong.
    probs : (n, k) float, rows sum to 1
        Out-of-sample probabilities. In-sample ones hide errors.
    class_names : k names, default the columns of probs or soft_labels, or 0 … k-1
        In the order of the columns.
    ids : (n,) names of the rows, default the index of a pandas frame, else the position.
    seed, threads : as in `find_label_errors`

    Returns
    -------
    SoftLabelErrors

    Raises
    ------
    InputError
        If shapes or the order of named columns differ, or a row of either is not a distribution.

    Source
    ------
    This library; see ``soft_posterior``.

    Examples
    --------
    >>> import dechaff, numpy as np
    >>> probs = np.repeat([[0.9, 0.1], [0.1, 0.9]], 50, axis=0)
    >>> soft_labels = np.repeat([[0.8, 0.2], [0.0, 1.0]], 50, axis=0)
    >>> soft_labels[:3] = [0.1, 0.9]
    >>> found = dechaff.find_soft_label_errors(soft_labels, probs, class_names=["cat", "dog"])
    >>> np.flatnonzero(found.flag), found.suggested[:3].tolist()
    (array([0, 1, 2]), ['cat', 'cat', 'cat'])
    >>> found.update({0: "cat", 1: "dog"}).flag[:3].tolist()
    [True, False, True]
    """
    check_seed_and_threads(seed, threads)
    with use_threads(threads):
        given, checked = check_probs(soft_labels, name="soft_labels"), check_probs(probs)
        check_same_length(soft_labels=given, probs=checked)
        if given.shape[1] != checked.shape[1]:
            raise InputError(
                "soft_labels and probs",
                "have one column for each class, the same classes in the same order",
                f"{given.shape[1]} columns in soft_labels, {checked.shape[1]} columns in probs",
                "Give a class without votes a column of zeros.",
            )
        names = class_names_of(class_names, probs, given.shape[1], soft_labels=soft_labels)
        check_one_order(soft_labels=soft_labels, probs=probs)
        judged = estimate_checked_labels(drawn_labels(given), checked)
        weight = INSTANCE_DEPENDENT_WEIGHT if judged.kind == "instance-dependent" else 1.0
        posterior = soft_posterior(given, true_probs_of(judged, checked), transition=judged.transition, weight=weight)
        return SoftLabelErrors(
            names=RowNames.of(len(given), soft_labels, probs, ids=ids),
            posterior=posterior,
            soft_labels=given,
            probs=checked,
            judged=judged,
            class_names=names,
            seed=seed,
        )
