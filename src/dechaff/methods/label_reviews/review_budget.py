"""How many errors the next rows hold, if people read the most doubtful first; and when to stop."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dechaff.typing import ClassMatrix, Figures, Numbers, Rows

Z_95 = 1.96
_MOST_ODDS = 12.0
_FARTHEST = 30.0
UNPROVEN = 0.03
"""Standard deviation of a number of errors, as a share of it, before a single row was read: of the surest rows of
noisy sets up to .06 fewer were wrong than the scores said."""


@dataclass(frozen=True)
class ReviewBudget:
    """What each number of rows is expected to find."""

    rows: Rows
    """Numbers of rows, read from the most doubtful down."""
    errors: Figures
    """Errors among them."""
    low: Figures
    high: Figures
    """95 % interval: chance, and what is not known about the scores."""


def review_budget(
    log_odds: Numbers, rows: Rows, *, covariance: ClassMatrix, unproven: float = UNPROVEN
) -> ReviewBudget:
    """Errors to be found in the first so many rows, the most doubtful first.

    Parameters
    ----------
    log_odds : (n,) float
        Of each row that has not been read to be wrong.
    rows : (m,) int
        Numbers of rows; more than there are count as all.
    covariance : (2, 2) float
        How unsure a shift of all log-odds and a factor on them are: of `taught_scores`, or of `level_covariance`.
    unproven : standard deviation that comes on top, as a share of the errors; 0 where reviews have tested the scores.

    Returns
    -------
    ReviewBudget

    Source
    ------
    Own: the sum of the probabilities; its variance is that of independent rows plus, by the delta method on the
    log-odds of the mean, that of the level.

    Examples
    --------
    >>> import numpy as np
    >>> budget = review_budget(np.array([2.0, 0.0, -2.0]), np.array([1, 3]), covariance=np.zeros((2, 2)))
    >>> budget.errors.round(2)
    array([0.88, 1.5 ])
    """
    from scipy.special import expit

    ordered = np.sort(log_odds)[::-1]
    taken = np.minimum(rows, len(ordered))
    chance = expit(ordered)
    doubt = chance * (1 - chance)
    errors = _up_to(chance, taken)
    by_shift, by_factor = _up_to(doubt, taken), _up_to(doubt * np.clip(ordered, -_MOST_ODDS, _MOST_ODDS), taken)
    slopes = np.stack([by_shift, by_factor], axis=1)
    variance = by_shift + np.einsum("mi,ij,mj->m", slopes, covariance, slopes) + (unproven * errors) ** 2
    reach = Z_95 * np.sqrt(variance + 0.25)  # numbers of rows are whole: half a row either way
    return ReviewBudget(taken, errors, np.maximum(errors - reach, 0.0), np.minimum(errors + reach, taken))


def _up_to(values: Numbers, taken: Rows) -> Figures:
    return np.concatenate([[0.0], np.cumsum(values)])[taken]


def level_covariance(log_odds: Numbers, low: float, high: float) -> ClassMatrix:
    """How unsure the level of the log-odds is where only an interval of the number of errors is known.

    Parameters
    ----------
    log_odds : (n,) float
    low, high : 95 % interval of the number of errors.

    Returns
    -------
    (2, 2) float
        A shift that reaches the farther end at 1.96 standard deviations; the factor is taken as known.

    Source
    ------
    Own: the interval of `label_noise`, turned into a shift of all log-odds.

    Examples
    --------
    >>> import numpy as np
    >>> level_covariance(np.zeros(100), 40, 60).round(3)
    array([[0.043, 0.   ],
           [0.   , 0.   ]])
    """
    covariance = np.zeros((2, 2))
    covariance[0, 0] = (max(abs(_shift(log_odds, low)), abs(_shift(log_odds, high))) / Z_95) ** 2
    return covariance


def _shift(log_odds: Numbers, errors: float) -> float:
    """The shift at which the probabilities add up to so many errors."""
    from scipy.optimize import brentq
    from scipy.special import expit

    if not len(log_odds):
        return 0.0
    wanted = float(np.clip(errors, 1e-6 * len(log_odds), (1 - 1e-6) * len(log_odds)))

    def excess(shift: float) -> float:
        return float(expit(log_odds + shift).sum()) - wanted

    if not excess(-_FARTHEST) < 0 < excess(_FARTHEST):
        return 0.0
    return float(brentq(excess, -_FARTHEST, _FARTHEST, xtol=1e-4))


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
