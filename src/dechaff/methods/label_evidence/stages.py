"""Predictions of each row after every epoch or boosting stage, and when they may be pooled."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
import numpy.typing as npt

from dechaff.checks import ROW_SUM_SLACK
from dechaff.errors import InputError
from dechaff.methods.label_evidence.left_out_regression import tempered
from dechaff.methods.label_evidence.second_view import SURE, InformationGain, conditional_information_gain, tried_rows
from dechaff.typing import Axes, Labels, Probs

Stages = Annotated[npt.NDArray[Any], Axes("t n k")]
"""Logits or probabilities of n rows after each of t stages of a training, the first stage first."""

MOST_STAGES = 10
"""Stages, evenly spaced and with the last one, that are pooled: neighbouring ones say the same."""


def stage_gain(labels: Labels, probs: Probs, stages: Stages) -> InformationGain:
    """What the stages of a training would add to its end, tried on some rows as in `view_gain`.

    A training that ran too long said more of the truth on the way: then its early stages are further opinions. They
    may be asked only if the models had not seen the labels (`have_seen`), which memory would make look right.

    Parameters
    ----------
    labels, probs : as in `conditional_information_gain`
        Best the probabilities of the same models after their last stage.
    stages : (t, n, k) float
        Out of fold.

    Source
    ------
    `conditional_information_gain` on up to ten stages.

    Examples
    --------
    >>> labels, guess = np.arange(400) % 2, np.full((400, 2), 0.5)
    >>> knew_once = np.stack([np.eye(2)[labels] * 0.6 + 0.2, guess])
    >>> stage_gain(labels, guess, knew_once).helps
    True
    """
    some = tried_rows(len(labels))
    labels, probs, stages = labels[some], probs[some], stages[:, some]
    return conditional_information_gain(labels, probs, calibrated_stages(labels, stages))


def have_seen(labels: Labels, probs: Probs, stages: Stages) -> bool:
    """Whether the last stage agrees with more labels than held-out models do, by three standard errors."""
    last = stage_probs(stages, len(stages) - 1).argmax(axis=1) == labels
    better = last.astype(int) - (probs.argmax(axis=1) == labels)
    return bool(better.mean() > SURE * better.std() / np.sqrt(max(len(labels), 1)))


def calibrated_stages(labels: Labels, stages: Stages) -> list[Probs]:
    """The probabilities of up to ten stages, each calibrated on the labels: late ones are often overconfident."""
    return [tempered(stage_probs(stages, place), labels) for place in chosen_stages(len(stages))]


def chosen_stages(n_stages: int) -> list[int]:
    """Ten of the stages, evenly spaced, the last one among them.

    Examples
    --------
    >>> chosen_stages(3), chosen_stages(100)[-3:]
    ([0, 1, 2], [79, 89, 99])
    """
    last = np.linspace(0, n_stages, min(n_stages, MOST_STAGES) + 1)[1:]
    return [int(place) for place in np.rint(last) - 1]


def check_stages(stages: npt.ArrayLike, *, n_rows: int, n_classes: int) -> Stages:
    """A (t, n, k) array of finite numbers, or an InputError."""
    array = np.asarray(stages)
    if array.ndim != 3 or array.shape[1:] != (n_rows, n_classes) or not len(array) or array.dtype.kind not in "fiu":
        raise InputError(
            "stages",
            f"be numbers of shape (t, {n_rows}, {n_classes}): stages, rows, classes",
            f"shape {array.shape} of {array.dtype}",
            "Stack the logits or probabilities of all rows, one stage after the other.",
        )
    for place in range(len(array)):
        bad = ~np.isfinite(array[place]).all(axis=1)
        if bad.any():
            row = int(np.flatnonzero(bad)[0])
            raise InputError(
                "stages", "be finite", f"{array[place, row][:6]} in stage {place}, row {row}", "Leave such stages out."
            )
    return array


def rows_of_stage(stages: Stages, place: int) -> npt.NDArray[np.float64]:
    """(n, k) a copy of one stage, in full precision."""
    return np.array(stages[place], dtype=np.float64)


def stage_probs(stages: Stages, place: int) -> Probs:
    """(n, k) probabilities of one stage: as they are where its rows are distributions, else the softmax of its rows."""
    values = rows_of_stage(stages, place)
    if (values >= 0).all() and (np.abs(values.sum(axis=1) - 1) <= ROW_SUM_SLACK).all():
        return np.asarray(values / values.sum(axis=1, keepdims=True))
    powers = np.exp(values - values.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))
