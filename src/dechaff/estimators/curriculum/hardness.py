"""How hard each row is to learn: the methods that measure it, each on what a training set and its models provide."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np

from dechaff.errors import InputError
from dechaff.estimators.clean.label_treatments import row_label_errors
from dechaff.methods.curriculum.early_loss import Stages
from dechaff.methods.curriculum.early_loss import early_loss as mean_early_loss
from dechaff.methods.curriculum.neighbour_impurity import neighbour_impurity
from dechaff.methods.label_errors.label_scores import margin_doubt
from dechaff.methods.label_evidence import training_dynamics
from dechaff.typing import Labels, Numbers, Probs


@dataclass(frozen=True)
class RankedRows:
    """What hardness may be measured on; the two functions train models."""

    labels: Labels
    """(n,) int, 0 … k-1."""
    features: Any
    """The n rows as the last step of the model is trained on them."""
    out_of_fold: Callable[[], Probs]
    """Returns (n, k) probabilities by models that have not seen the row."""
    stages: Callable[[], Stages]
    """Returns (t, n, k) probabilities after each of t epochs of a plain training on all rows."""


Hardness = Callable[[RankedRows], Numbers]
"""``hardness(rows) -> (n,)``, higher = harder."""


def out_of_fold_margin(rows: RankedRows) -> Numbers:
    """The margin of the most probable other class over the given one, by models that have not seen the row.

    Source
    ------
    Hacohen, Weinshall (2019), On the power of curriculum learning in training deep networks, ICML. Differs: the margin
    instead of the probability, and cross-validation instead of another network.
    """
    return margin_doubt(rows.labels, rows.out_of_fold())


def noise_last(rows: RankedRows) -> Numbers:
    """The probability that the label is wrong (the noise posterior): suspected label errors come last."""
    return row_label_errors(rows.labels, rows.out_of_fold(), None).score


def early_loss(rows: RankedRows) -> Numbers:
    """The loss early in a plain training; see `dechaff.methods.curriculum.early_loss`."""
    return mean_early_loss(rows.labels, rows.stages())


def forgetting(rows: RankedRows) -> Numbers:
    """How often the row is forgotten in a plain training (Toneva et al., 2019)."""
    return training_dynamics.forgetting(rows.labels, rows.stages())


def area_under_margin(rows: RankedRows) -> Numbers:
    """Rank by the mean margin over a plain training, small margins last (Pleiss et al., 2020)."""
    return training_dynamics.area_under_margin(rows.labels, np.log(np.maximum(rows.stages(), 1e-12)))


def variability(rows: RankedRows) -> Numbers:
    """Standard deviation over the epochs of the label's probability: undecided rows (Swayamdipta et al., 2020)."""
    return training_dynamics.cartography(rows.labels, rows.stages()).variability


def neighbours_disagree(rows: RankedRows) -> Numbers:
    """Fraction of the ten nearest rows that have another label; the only hardness that trains no model."""
    if not hasattr(rows.features, "dtype") or rows.features.dtype.kind not in "fiub":
        found, fix = type(rows.features).__name__, "Encode them in a pipeline, or use another hardness."
        raise InputError("X", "be a matrix of numbers to find the nearest rows", found, fix)
    return neighbour_impurity(rows.labels, rows.features)


@dataclass(frozen=True)
class CurrentLoss:
    """The loss of each row by the model itself, measured anew every few steps: self-paced learning.

    Source
    ------
    Kumar, Packer, Koller (2010), Self-paced learning for latent variable models, NeurIPS. Differs: the threshold is not
    a loss that grows, but that of the hardest row in the window of the pacing.

    Examples
    --------
    >>> probs = np.array([[0.9, 0.1], [0.5, 0.5]])
    >>> losses = CurrentLoss(every=1).during(np.array([0, 0]), lambda: probs)
    >>> losses().round(2), losses().round(2)
    (array([0., 0.]), array([0.11, 0.69]))
    """

    every: int = 20
    """Steps between two measurements. Before the first one, all rows are equally hard."""

    def __post_init__(self) -> None:
        if self.every < 1:
            raise InputError("every", "be at least 1 step", str(self.every), "Use 20, for example.")

    def during(self, labels: Labels, probs: Callable[[], Probs]) -> Callable[[], Numbers]:
        """The function that `Curriculum.steps` calls before each step; `probs` are those of the current model."""
        steps, losses = count(), np.zeros(len(labels))

        def now() -> Numbers:
            nonlocal losses
            step = next(steps)
            if step and step % self.every == 0:
                losses = mean_early_loss(labels, probs()[None], first=1.0)
            return losses

        return now
