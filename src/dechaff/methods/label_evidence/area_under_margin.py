"""How far, over a training, the given label stayed ahead of the best other class."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dechaff.methods.label_evidence.stages import Stages, ranks, rows_of_stage
from dechaff.typing import Labels, Numbers, Score

PERCENTILE = 99.0


def area_under_margin(labels: Labels, stages: Stages) -> Score:
    """Doubt in each label: its rank by the mean margin of its logit over a training, smallest first.

    The margin of a stage is the logit of the given label less the largest of the others. Rows that are mislabelled
    are pulled towards their label by memory alone, and late; so on the way their margins stay small. Logits, not
    probabilities: the distance of a margin that has been won or lost still counts. Weak where labels are swapped
    between two classes in bulk, for then the model learns the swap as early as the truth.

    Parameters
    ----------
    labels : (n,) int, 0 … k-1
        Given labels; may be wrong.
    stages : (t, n, k) float
        Logits after each of t epochs or boosting stages; of the rows trained on, as in the paper, or out of fold.

    Returns
    -------
    (n,) float in [0, 1]
        Higher = look at this row first; a rank, not a probability.

    Source
    ------
    Pleiss, Zhang, Elenberg, Weinberger (2020), Identifying mislabeled data using the area under the margin ranking,
    NeurIPS. Differs: a rank from 0 to 1 instead of the margin; `area_under_margin_threshold` gives their cut.

    Examples
    --------
    >>> stages = np.array([[[2.0, 0.0], [1.0, 0.0], [0.0, 1.0]], [[4.0, 0.0], [0.0, 1.0], [0.0, 3.0]]])
    >>> area_under_margin(np.array([0, 0, 0]), stages)
    array([0. , 0.5, 1. ])
    """
    return ranks(-mean_margin(labels, stages))


def area_under_margin_threshold(margin: Numbers, injected: npt.NDArray[np.int64]) -> float:
    """Mean margin at or below which a label is as doubtful as labels that are known to be wrong.

    Parameters
    ----------
    margin : (n,) float
        Of `mean_margin`.
    injected : (m,) int
        Rows that were given a class of their own, which does not exist, before the training.

    Returns
    -------
    float
        The 99th percentile of the injected rows' margins.

    Source
    ------
    Pleiss et al. (2020), section 3.2 (threshold samples).

    Examples
    --------
    >>> area_under_margin_threshold(np.array([5.0, -2.0, -1.0, 4.0]), np.array([1, 2]))
    -1.01
    """
    return float(np.percentile(margin[injected], PERCENTILE))


def mean_margin(labels: Labels, stages: Stages) -> Numbers:
    """(n,) logit of the given label less the largest other, the mean of the stages."""
    rows = np.arange(len(labels))
    total = np.zeros(len(labels))
    for place in range(len(stages)):
        logits = rows_of_stage(stages, place)
        own = logits[rows, labels]
        logits[rows, labels] = -np.inf
        total += own - logits.max(axis=1)
    return np.asarray(total / len(stages))
