"""Expected number of errors in the next reviews, the most doubtful rows first; and when to stop."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import numpy.typing as npt

from dechaff.core.intervals import is_informative
from dechaff.core.level_shift import level_shift
from dechaff.typing import Axes, ClassMatrix, Figures, Numbers, Rows

Excursions = Annotated[npt.NDArray[np.float64], Axes("e 2")]

Z_95 = 1.96
_MOST_ODDS = 12.0
UNPROVEN = 0.03
"""Standard deviation of a number of errors, as a fraction of it, before a single row was read: of the surest rows of
noisy sets up to .06 fewer were wrong than the scores said."""
UNTOLD = "cannot be told before about 30 rows are read"
"""Printed in place of a number of errors whose interval holds nearly everything; 30 reviews leave the level of the
scores uncertain by a factor of two."""


@dataclass(frozen=True, repr=False)
class Budget:
    """How many errors reviewing the most doubtful rows first would find.

    Examples
    --------
    >>> Budget(np.array([100, 200]), np.array([80.0, 120.0]), np.array([75.0, 110.0]), np.array([85.0, 130.0]))
    Reviewing 100 rows finds 80 ± 5 errors; the next 100 find 40.
    >>> Budget(np.array([100]), np.array([80.0]), np.array([0.0]), np.array([100.0]))
    How many errors reviewing 100 rows finds cannot be told before about 30 rows are read.
    """

    rows: Rows
    """Numbers of rows."""
    errors: Figures
    """Errors expected among them."""
    low: Figures
    high: Figures
    """95 % interval: chance, and what is not known about the scores."""

    def __repr__(self) -> str:
        if not len(self.rows):
            return "No rows are left to review."
        if not is_informative(self.errors[0], self.low[0], self.high[0], of=self.rows[0]):
            return f"How many errors reviewing {self.rows[0]:,} rows finds {UNTOLD}."
        reach = np.maximum(self.errors - self.low, self.high - self.errors)
        first = f"Reviewing {self.rows[0]:,} rows finds {self.errors[0]:,.0f} ± {reach[0]:,.0f} errors"
        steps = zip(np.diff(self.rows), np.diff(self.errors), strict=True)
        return "; ".join([first, *(f"the next {rows:,} find {errors:,.0f}" for rows, errors in steps)]) + "."


def review_budget(log_odds: Numbers, rows: Rows, *, excursions: Excursions, unproven: float = UNPROVEN) -> Budget:
    """Expected errors in the first n rows, for several n, the most doubtful first.

    Parameters
    ----------
    log_odds : (n,) float
        Of each row that has not been read to be wrong.
    rows : (m,) int
        Numbers of rows; more than there are count as all.
    excursions : (e, 2) float
        How far the log-odds may be off, to 95 %: a shift of all, and a factor that comes on top of 1. Of
        `covariance_excursions` and `level_excursions`; none if they are known.
    unproven : standard deviation that comes on top, as a fraction of the errors; 0 if reviews have tested the scores.

    Source
    ------
    Own: the sum of the probabilities; to the variance of independent rows comes what each excursion of the log-odds
    makes of the sum (Julier, Uhlmann (1997), sigma points), as a slope says nothing where the probabilities are 1.

    Examples
    --------
    >>> budget = review_budget(np.array([2.0, 0.0, -2.0]), np.array([1, 3]), excursions=np.zeros((0, 2)))
    >>> budget.errors.round(2)
    array([0.88, 1.5 ])
    """
    from scipy.special import expit

    ordered = np.sort(log_odds)[::-1]
    taken = np.minimum(rows, len(ordered))
    chance = expit(ordered)
    errors = _up_to(chance, taken)
    within = np.clip(ordered, -_MOST_ODDS, _MOST_ODDS)
    apart = np.array([_up_to(expit(ordered + shift + factor * within), taken) - errors for shift, factor in excursions])
    apart = apart.reshape(len(excursions), len(taken))
    # numbers of rows are whole: half a row either way
    chances = Z_95**2 * (_up_to(chance * (1 - chance), taken) + (unproven * errors) ** 2 + 0.25)
    below, above = (np.sqrt(chances + (side**2).sum(axis=0)) for side in (np.minimum(apart, 0), np.maximum(apart, 0)))
    return Budget(taken, errors, np.maximum(errors - below, 0.0), np.minimum(errors + above, taken))


def _up_to(values: Numbers, taken: Rows) -> Figures:
    return np.concatenate([[0.0], np.cumsum(values)])[taken]


def covariance_excursions(covariance: ClassMatrix) -> Excursions:
    """Of a shift and a factor with this covariance: 1.96 standard deviations either way along two independent lines.

    Parameters
    ----------
    covariance : (2, 2) float
        Of `updated_scores`.

    Returns
    -------
    (4, 2) float

    Source
    ------
    Julier, Uhlmann (1997), equation 12, along the principal axes.

    Examples
    --------
    >>> covariance_excursions(np.diag([0.0, 1.0])).tolist()[1:4:2]
    [[0.0, 1.96], [0.0, -1.96]]
    """
    lengths, axes = np.linalg.eigh(covariance)
    lines = Z_95 * (axes * np.sqrt(np.maximum(lengths, 0))).T
    return np.concatenate([lines, -lines]) + 0.0


def level_excursions(log_odds: Numbers, low: float, high: float, *, information: float = 0.0) -> Excursions:
    """Of a shift, where an interval of the number of errors is known.

    Parameters
    ----------
    log_odds : (n,) float
    low, high : 95 % interval of the number of errors.
    information : what reviews have told of the shift since, as one over a variance.

    Returns
    -------
    (2, 2) float
        The shifts to both ends; the factor is taken as known.

    Source
    ------
    Own: the interval of `label_noise`, turned into a shift of all log-odds.

    Examples
    --------
    >>> level_excursions(np.zeros(100), 40, 60).round(2)
    array([[-0.41,  0.  ],
           [ 0.41,  0.  ]])
    """
    down, up = min(level_shift(log_odds, low), 0.0), max(level_shift(log_odds, high), 0.0)
    return np.array([[shift / math.sqrt(1 + (shift / Z_95) ** 2 * information), 0.0] for shift in (down, up)])


def budget_steps(n: int) -> npt.NDArray[np.int64]:
    """Numbers of rows for a curve: 1, 2 and 5 times the powers of ten, and all.

    Examples
    --------
    >>> budget_steps(230)
    array([ 10,  20,  50, 100, 200, 230])
    """
    powers = 10 ** np.arange(1, max(2, len(str(max(n, 1)))))
    steps = np.unique(np.append(np.outer(powers, [1, 2, 5]).ravel(), n))
    return np.asarray(steps[steps <= n], dtype=np.int64)
