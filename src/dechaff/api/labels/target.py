"""``find_target_errors``: which numbers to be predicted are wrong, given out-of-fold predictions."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.api.labels.estimates import Estimate
from dechaff.api.labels.names import RowNames, check_one_order
from dechaff.api.labels.result import RowResult, Scored
from dechaff.api.labels.reviews import without_label
from dechaff.checks import check_same_length, check_seed_and_threads, refuse_cells
from dechaff.core.threads import use_threads
from dechaff.data.classes import Values
from dechaff.errors import InputError
from dechaff.methods.label_reviews.review_corrections import JudgedRows
from dechaff.methods.targets.judged_targets import JudgedTargets, judge_targets
from dechaff.typing import Columns, Mask, Numbers, Rows


@dataclass(frozen=True, repr=False, kw_only=True)
class TargetErrors(RowResult):
    """What is wrong with the targets of n rows. A row whose target is missing has score 0 and is not counted.

    Reviews give the true number; None means that the target is wrong and the true one unknown.

    Examples
    --------
    See `find_target_errors`, which returns one.
    """

    ITEMS = "targets"
    judged: JudgedTargets = field(repr=False)
    """Of the rows whose target is there."""
    targets: Numbers = field(repr=False)
    """(n,) as given; NaN = missing."""
    predictions: Numbers = field(repr=False)
    """(n,) in the units of the targets."""

    @cached_property
    def scored(self) -> Scored:
        """The result of the method, before reviews."""
        n, judged = len(self.targets), self.judged
        return Scored(
            self._whole(judged.log_odds, np.full(n, -np.inf)),
            self._whole(judged.flag, np.zeros(n, dtype=bool)),
            self.targets,
            self._whole(judged.suggested, self.predictions),
            Estimate(float(judged.rate), float(judged.rate_low), float(judged.rate_high)),
        )

    @property
    def missing(self) -> Mask:
        """(n,) bool, rows without a target."""
        return np.asarray(np.isnan(self.targets))

    @cached_property
    def scale(self) -> Any:
        """(n,) usual distance of a good target from `suggested`, in its units; NaN if the target is missing."""
        return self._like_callers(self._scale)

    def _more_columns(self, positions: Rows) -> Columns:
        return {"scale": self._scale[positions]}

    def _encode(self, values: Values) -> npt.NDArray[Any]:
        known = zip(values.tolist(), without_label(values), strict=True)
        try:
            return np.array([np.nan if unknown else float(value) for value, unknown in known])
        except (TypeError, ValueError) as error:
            raise InputError(
                "a reviewed target", "be a number", str(error), "Use None if the true value is unknown."
            ) from None

    def _is_wrong(self, positions: Rows, true: npt.NDArray[Any]) -> Mask:
        return np.asarray(~np.isclose(self.targets[positions], true, rtol=1e-9, atol=0.0))

    @property
    def _judged_rows(self) -> JudgedRows:
        alike = np.zeros(len(self.targets), dtype=np.int64)
        return JudgedRows(self.scored.log_odds, alike, alike, self._evidence)

    @cached_property
    def _scale(self) -> Numbers:
        return self._whole(self.judged.scale, np.full(len(self.targets), np.nan))

    def _whole(self, values: npt.NDArray[Any], missing: npt.NDArray[Any]) -> npt.NDArray[Any]:
        whole = missing.copy()
        whole[~self.missing] = values
        return whole


def find_target_errors(
    targets: npt.ArrayLike,
    predictions: npt.ArrayLike,
    *,
    ids: Any = None,
    seed: int = 0,
    threads: int | None = None,
) -> TargetErrors:
    """The rows whose target is probably wrong, and what value to expect instead.

    Good targets scatter about their predictions, with a spread that depends on the prediction and tails as heavy as
    the data ask for; wrong ones lie at least three times as far, or are any value. If no wrong ones are needed to
    explain the residuals, none are flagged. Errors smaller than the model's own scatter are not found, so use the best
    model you have.

    Parameters
    ----------
    targets : (n,) numbers, in any unit
        Given targets; may be wrong. NaN = missing.
    predictions : (n,) numbers, or (models, n) or a list of such arrays, in the unit of the targets
        Out-of-fold predictions; those of several models are averaged. In-sample ones hide errors.
    ids : (n,) names of the rows, default the index of a pandas series, else the position.
    seed, threads : as in `find_label_errors`

    Returns
    -------
    TargetErrors

    Raises
    ------
    InputError
        If the lengths or the order of the rows differ, or a prediction is not finite, or a target is infinite.

    Source
    ------
    This library; see ``judge_targets``.

    Examples
    --------
    >>> import dechaff, numpy as np
    >>> predictions = np.linspace(0, 10, 500)
    >>> targets = predictions + np.random.default_rng(0).normal(size=500)
    >>> targets[:3] += 20
    >>> found = dechaff.find_target_errors(targets, predictions)
    >>> np.flatnonzero(found.flag), found.suggested[:3].round()
    (array([0, 1, 2]), array([0., 0., 0.]))
    >>> found.update({0: 0.5, 1: targets[1]}).flag[:3].tolist()
    [True, False, True]
    """
    check_seed_and_threads(seed, threads)
    with use_threads(threads):
        values = _numbers("targets", targets)
        expected = _averaged(predictions)
        check_same_length(targets=values, predictions=expected)
        for part in predictions if isinstance(predictions, list | tuple) else [predictions]:
            check_one_order(targets=targets, predictions=part)
        fix = "Leave those rows out, or give them a number."
        refuse_cells(np.isinf(values), values, "targets", "be finite, or NaN if missing", fix)
        refuse_cells(~np.isfinite(expected), expected, "predictions", "be finite numbers", fix)
        there = ~np.isnan(values)
        judged = judge_targets(values[there], expected[there])
        names = RowNames.of(len(values), targets, ids=ids)
        return TargetErrors(names=names, judged=judged, targets=values, predictions=expected, seed=seed)


def _averaged(predictions: npt.ArrayLike) -> Numbers:
    if isinstance(predictions, list | tuple) and predictions and np.ndim(predictions[0]):
        parts = [_numbers(f"predictions[{place}]", part) for place, part in enumerate(predictions)]
        check_same_length(**{f"predictions[{place}]": part for place, part in enumerate(parts)})
        return np.asarray(np.mean(parts, axis=0))
    if np.ndim(predictions) == 2:
        return _averaged(list(np.asarray(predictions)))
    return _numbers("predictions", predictions)


def _numbers(name: str, given: Any) -> Numbers:
    """One axis of numbers; those that are missing may be None."""
    array, found = np.asarray(given), ""
    if array.dtype == object:
        try:
            array = np.array([np.nan if value is None else float(value) for value in array.ravel()]).reshape(
                array.shape
            )
        except (TypeError, ValueError) as error:
            found = str(error)
    if array.ndim != 1 or (array.dtype.kind not in "fiub" and len(array)):
        found = found or f"shape {array.shape} of {array.dtype}"
        fix = "Pass one number per row, in the order of the rows."
        raise InputError(name, "be a one-dimensional array of numbers", found, fix)
    return array.astype(np.float64)
