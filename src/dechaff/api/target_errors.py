"""``find_target_errors``: which numbers to be predicted are wrong, given out-of-fold predictions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.api.callers_rows import like_callers
from dechaff.api.label_row_names import check_one_order
from dechaff.checks import check_same_length
from dechaff.errors import InputError
from dechaff.methods.targets.judged_targets import JudgedTargets, judge_targets
from dechaff.typing import Mask, Numbers

MOST_AXES = 2


@dataclass(frozen=True)
class TargetErrors:
    """What is wrong with the targets of n rows. A row whose target is missing has score 0 and is not counted."""

    judged: JudgedTargets
    """Of the rows whose target is there."""
    missing: Mask
    """(n,) rows without a target."""
    predictions: Numbers
    given: Any
    """The targets as they were handed in."""

    @cached_property
    def score(self) -> Any:
        """(n,) probability that the target is wrong; higher = look at this row first."""
        return self._whole(self.judged.score, np.zeros(len(self.missing)))

    @cached_property
    def log_odds(self) -> Any:
        """(n,) the same as log-odds, which do not tie; minus infinity where the target is missing."""
        return self._whole(self.judged.log_odds, np.full(len(self.missing), -np.inf))

    @cached_property
    def flag(self) -> Any:
        """(n,) targets that are more likely wrong than right."""
        return self._whole(self.judged.flag, np.zeros(len(self.missing), dtype=bool))

    @cached_property
    def suggested(self) -> Any:
        """(n,) the value to expect in place of the given one."""
        return self._whole(self.judged.suggested, self.predictions)

    @cached_property
    def scale(self) -> Any:
        """(n,) usual distance of a good target from `suggested`; NaN where the target is missing."""
        return self._whole(self.judged.scale, np.full(len(self.missing), np.nan))

    @property
    def noise_rate(self) -> float:
        """Share of targets that are wrong, among those that are there."""
        return self.judged.rate

    @property
    def noise_rate_low(self) -> float:
        """Lower end of its 95 % interval."""
        return self.judged.rate_low

    @property
    def noise_rate_high(self) -> float:
        """Upper end of its 95 % interval."""
        return self.judged.rate_high

    @property
    def n_errors(self) -> float:
        """Estimated number of wrong targets."""
        return self.judged.rate * len(self.judged.score)

    def __repr__(self) -> str:
        flagged, n = int(self.judged.flag.sum()), len(self.missing)
        return f"<TargetErrors: {flagged:,} of {n:,} targets flagged; noise rate {self.noise_rate:.3g}>"

    def _whole(self, values: npt.NDArray[Any], missing: npt.NDArray[Any]) -> Any:
        whole = missing.copy()
        whole[~self.missing] = values
        return like_callers(whole, self.given)


def find_target_errors(targets: npt.ArrayLike, predictions: npt.ArrayLike) -> TargetErrors:
    """The rows whose target is probably wrong, and what value to expect instead.

    Good targets scatter about their predictions, more in one region than in another and with tails as heavy as they
    are; wrong ones lie at least three times as far, or are any value. Where no wrong ones are needed to explain the
    residuals, none are flagged. Errors smaller than the model's own scatter stay unseen, so use the best model you
    have.

    Parameters
    ----------
    targets : (n,) numbers
        Given targets; may be wrong. NaN = missing.
    predictions : (n,) numbers, or (models, n) or a list of such arrays
        Out-of-fold predictions; those of several models are averaged. In-sample ones hide errors.

    Returns
    -------
    TargetErrors

    Raises
    ------
    InputError
        Where the lengths or the order of the rows differ, or a prediction is no finite number, or a target is infinite.

    Examples
    --------
    >>> import dechaff, numpy as np
    >>> predictions = np.linspace(0, 10, 500)
    >>> targets = predictions + np.random.default_rng(0).normal(size=500)
    >>> targets[:3] += 20
    >>> found = dechaff.find_target_errors(targets, predictions)
    >>> np.flatnonzero(found.flag), found.suggested[:3].round()
    (array([0, 1, 2]), array([0., 0., 0.]))
    """
    values = _numbers("targets", targets)
    expected = _averaged(predictions)
    check_same_length(targets=values, predictions=expected)
    for part in predictions if isinstance(predictions, list | tuple) else [predictions]:
        check_one_order(targets=targets, predictions=part)
    _refuse("targets", np.isinf(values), values, "be finite, or NaN where missing")
    _refuse("predictions", ~np.isfinite(expected), expected, "be finite numbers")
    missing = np.isnan(values)
    return TargetErrors(judge_targets(values[~missing], expected[~missing]), missing, expected, targets)


def _averaged(predictions: npt.ArrayLike) -> Numbers:
    if isinstance(predictions, list | tuple) and predictions and np.ndim(predictions[0]):
        parts = [_numbers(f"predictions[{place}]", part) for place, part in enumerate(predictions)]
        check_same_length(**{f"predictions[{place}]": part for place, part in enumerate(parts)})
        return np.asarray(np.mean(parts, axis=0))
    if np.ndim(predictions) == MOST_AXES:
        return _averaged(list(np.asarray(predictions)))
    return _numbers("predictions", predictions)


def _numbers(name: str, given: Any) -> Numbers:
    array = np.asarray(given)
    if array.dtype == object:
        array = _from_objects(name, array)
    if array.ndim != 1 or (array.dtype.kind not in "fiub" and len(array)):
        raise InputError(
            name,
            "be a one-dimensional array of numbers",
            f"shape {array.shape} of {array.dtype}",
            "Hand in one number a row, in the order of the rows.",
        )
    return array.astype(np.float64)


def _from_objects(name: str, array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Numbers with None among them: missing ones."""
    try:
        return np.array([np.nan if value is None else float(value) for value in array.ravel()]).reshape(array.shape)
    except (TypeError, ValueError) as error:
        raise InputError(
            name,
            "be a one-dimensional array of numbers",
            str(error),
            "Hand in one number a row, in the order of the rows.",
        ) from None


def _refuse(name: str, bad: Mask, values: Numbers, must: str) -> None:
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise InputError(
            name,
            must,
            f"{values[row]} in row {row} ({int(bad.sum())} such rows of {len(bad)})",
            "Leave those rows out, or give them a number.",
        )
