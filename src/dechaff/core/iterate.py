"""Fixed-point iteration over folds: each pass is built from the result of the one before, until it converges."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from dechaff.core.fold import Fold, RunFold

R = TypeVar("R")


def iterate(
    make_fold: Callable[[R], Fold[Any, R]],
    run: RunFold[R],
    start: R,
    *,
    settled: Callable[[R, R], bool],
    most_rounds: int,
) -> R:
    """The result that the next pass would not change.

    Parameters
    ----------
    make_fold : the fold of the next pass, from the result of the last one.
    run : runs one fold over all rows.
    start : what the first fold is built from.
    settled : ``settled(old, new)``: whether the step is small enough to stop.
    most_rounds : passes after which to stop in any case.

    Examples
    --------
    >>> import numpy as np
    >>> from dechaff.core.over_arrays import over_arrays
    >>> from dechaff.methods.label_errors.temperature import TemperatureStep
    >>> run = over_arrays(labels=np.array([0, 1, 1]), probs=np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8]]))
    >>> iterate(TemperatureStep, run, 1.0, settled=lambda old, new: old == new, most_rounds=1) != 1.0
    True
    """
    result = start
    for _ in range(most_rounds):
        previous, result = result, run(make_fold(result))
        if settled(previous, result):
            break
    return result
