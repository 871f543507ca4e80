"""Hardness by the loss of each row early in a training."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
import numpy.typing as npt

from dechaff.typing import Axes, Labels, Numbers

Stages = Annotated[npt.NDArray[Any], Axes("t n k")]
"""Probabilities of n rows after each of t epochs."""


def early_loss(labels: Labels, stages: Stages, *, first: float = 0.2) -> Numbers:
    """Mean cross-entropy of each row over the first part of a training: what a model learns early is easy.

    Late losses say less: in the end, a large model has memorised every row.

    Parameters
    ----------
    labels : (n,) int, 0 … k-1
    stages : (t, n, k) float
        Probabilities after each of t epochs or boosting stages, of the rows trained on.
    first : fraction of the stages, above 0 and at most 1; at least one stage

    Returns
    -------
    (n,) float, 0 or more
        Higher = harder.

    Source
    ------
    Paul, Ganguli, Dziugaite (2021), Deep learning on a data diet, NeurIPS. Differs: the cross-entropy instead of the
    norm of the error, and one training.

    Examples
    --------
    >>> stages = np.array([[[0.5, 0.5], [0.9, 0.1]], [[0.9, 0.1], [1.0, 0.0]]])
    >>> early_loss(np.array([0, 0]), stages).round(2)
    array([0.69, 0.11])
    """
    early = stages[: max(1, round(first * len(stages)))]
    own = early[:, np.arange(len(labels)), labels]
    return np.asarray(-np.log(np.clip(own, 1e-12, 1.0)).mean(axis=0), dtype=np.float64)
