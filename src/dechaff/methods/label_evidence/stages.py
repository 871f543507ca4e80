"""What a model said of each row after every epoch or boosting stage, and when that may be pooled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt

from dechaff.checks import ROW_SUM_SLACK
from dechaff.errors import InputError
from dechaff.methods.label_evidence.mixture_weights import CALIBRATION_ROWS, held_out_log_likelihood, likelihoods
from dechaff.typing import Axes, Labels, Numbers, Probs, Score

Stages = Annotated[npt.NDArray[Any], Axes("t n k")]
"""Logits or probabilities of n rows after each of t stages of a training, the first stage first."""

MOST_STAGES = 10
"""Stages, evenly spaced and with the last one, that are pooled: neighbouring ones say the same."""
SURE = 3.0
"""Standard errors that a difference must exceed."""


@dataclass(frozen=True)
class StageGain:
    """What the stages of a training add to the log-likelihood of held-out labels, nats a row."""

    gain: float
    error: float
    """Standard error of the gain."""
    seen: bool
    """Whether the last stage agrees with the labels more often than the held-out models do: it has seen them."""

    @property
    def helps(self) -> bool:
        """Whether the stages are to be heard."""
        return not self.seen and self.gain > SURE * self.error


def stage_gain(labels: Labels, probs: Probs, stages: Stages) -> StageGain:
    """How much likelier the stages of a training make labels that their models have not seen.

    A training that ran too long said more of the truth on the way: then its early stages are further opinions.
    They count only if the models had not seen the labels, which memory would otherwise make look right; a last
    stage that agrees with more labels than `probs` do (three standard errors) gives such stages away.

    Parameters
    ----------
    labels : (n,) int, 0 … k-1
        Given labels; may be wrong.
    probs : (n, k) float, rows sum to 1
        Out-of-sample probabilities, best of the same models after their last stage.
    stages : (t, n, k) float
        Out of fold.

    Returns
    -------
    StageGain

    Source
    ------
    This library. Measured in ``benchmarks/label_errors_evidence.py``.

    Examples
    --------
    >>> labels = np.arange(1000) % 2
    >>> probs = np.where(np.arange(1000)[:, None] % 5 == 0, [[0.01, 0.99]], [[0.99, 0.01]])
    >>> memory = np.eye(2)[labels][None]
    >>> stage_gain(labels, probs, memory).seen
    True
    """
    step = 1 + len(labels) // CALIBRATION_ROWS
    labels, probs, stages = labels[::step], probs[::step], stages[:, ::step]
    runs = [stage_probs(stages, place) for place in chosen_stages(len(stages))]
    likelihood = likelihoods([probs, *runs], labels)
    gains = held_out_log_likelihood(likelihood) - np.log(likelihood[:, 0])
    better = (runs[-1].argmax(axis=1) == labels).astype(int) - (probs.argmax(axis=1) == labels)
    return StageGain(float(gains.mean()), _error(gains), bool(better.mean() > SURE * _error(better)))


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


def ranks(values: Numbers) -> Score:
    """Each value's rank from 0 to 1, ties in the middle of their ranks."""
    ordered = np.sort(values)
    below, upto = np.searchsorted(ordered, values, "left"), np.searchsorted(ordered, values, "right")
    return np.asarray((below + upto - 1) / (2 * max(len(values) - 1, 1)))


def _error(values: npt.NDArray[Any]) -> float:
    return float(values.std() / np.sqrt(max(len(values), 1)))
