"""Positives that are not labelled at random: a model for the class and one for the chance to be labelled, together.

Each row has f(x) = p(y = 1 | x) and a propensity e(x) = p(s = 1 | y = 1, x), and is labelled with probability
f(x) e(x). With one number e(x) = c this is Elkan and Noto's setting. Expectation maximisation fits both: from f and e
follows the chance of each unlabelled row to be positive, f (1 - e) / (1 - f e); with it, f is trained on every
unlabelled row as a positive and as a negative, and e on how many of the (likely) positives are labelled.

Rows only tell the product f e. What each factor goes by can be told where e looks at few features, such as the one
that is known to have driven the labelling. How large each is can be told less: f k and e / k are as likely, for every
k from the highest e to 1 / the highest f. Only if some rows are certainly positive and some positives certainly
labelled, or if the form of the models is right, is k known to be 1. Else EM ends near where it starts, with half of
the rows positive: who is likelier to be positive stands, and how many are does not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_count
from dechaff.errors import InputError
from dechaff.methods.pu.scheme import row_counts
from dechaff.methods.pu.weighted_unlabelled import weighted_rows
from dechaff.typing import Axes, Figures, Mask, Numbers, Rows

FitWeighted = Callable[[Rows, npt.NDArray[np.int64], Figures], Numbers]
"""``fit(rows, targets, row_weights)`` trains a model on the rows, and gives p(target = 1 | x) of all n rows."""

WINDOW = 10
"""Rounds over which the likelihood must have stopped rising: EM is slow, and a single round shows little."""
_LEAST = 1e-9
"""Chances nearer to 0 or 1 count as this near, so that either model always sees both of its classes."""


@dataclass(frozen=True)
class SelectionBias:
    """The two models, of the class and of the labelling."""

    positive_probs: Numbers
    """(n,) f(x) = p(y = 1 | x)."""
    propensities: Numbers
    """(n,) e(x) = p(s = 1 | y = 1, x)."""
    chances: Numbers
    """(n,) p(y = 1 | x, s): 1 for labelled rows."""
    log_likelihoods: Annotated[npt.NDArray[np.float64], Axes("rounds")]
    """Mean log-likelihood of the labels, at the start and after each round."""
    converged: bool
    """Whether it had stopped rising."""


def sar_em(
    fit_class: FitWeighted,
    fit_propensity: FitWeighted,
    labelled: Mask,
    *,
    weights: Numbers | None = None,
    max_iter: int = 100,
    tol: float = 1e-4,
) -> SelectionBias:
    """Probability of the class and propensity of each row, by expectation maximisation.

    Both models answer for rows that they have learned from, as EM has it: they must be smooth, such as logistic
    regression, for one that memorises its rows confirms whatever it starts from.

    Parameters
    ----------
    fit_class : trains the model of the class
        Targets 1 = positive, 0 = negative; an unlabelled row stands there as both.
    fit_propensity : trains the model of the labelling
        Targets 1 = labelled, 0 = not; rows count as far as they are positive.
    labelled : (n,) bool
    weights : (n,) float, above 0
        How often each row counts, in the likelihood; the two functions must see to it for themselves.
    max_iter : most rounds, at least 1.
    tol : float, above 0
        It ends if the mean log-likelihood has increased by less than this in ten rounds.

    Raises
    ------
    InputError
        If lengths differ, or a number is out of range.

    Source
    ------
    Bekker, Robberechts, Davis (2019), Beyond the selected completely at random assumption for learning from positive
    and unlabeled data, ECML PKDD, section 4.3. Differs: it ends by the likelihood alone, and the model of the last
    round is not trained again.

    Examples
    --------
    The class goes by the kind, the labelling by the place: of the one kind all, of the other half are positive; of
    those, all are labelled in the one place, and a third in the other.

    >>> kind, place = np.repeat([1, 1, 0, 0], 6), np.repeat([1, 0, 1, 0], 6)
    >>> labelled = np.repeat([True, True, False, True, False, True, False], [6, 2, 4, 3, 3, 1, 5])
    >>> def shares_of(group):
    ...     def fit(rows, targets, row_weights):
    ...         sums, wholes = (np.bincount(group[rows], w) for w in (row_weights * targets, row_weights))
    ...         return (sums / wholes)[group]
    ...     return fit
    >>> found = sar_em(shares_of(kind), shares_of(place), labelled, max_iter=1000, tol=1e-9)
    >>> found.positive_probs[[0, -1]].round(2), found.propensities[[0, -1]].round(2)
    (array([1. , 0.5]), array([1.  , 0.33]))
    """
    counts = row_counts(weights, labelled=labelled)
    check_count("max_iter", max_iter, least=1)
    if not tol > 0:
        raise InputError("tol", "be above 0", str(tol), "Leave it out for the default.")
    state = _first(fit_class, fit_propensity, labelled, counts)
    likelihoods = [_log_likelihood(*state, labelled, counts)]
    while len(likelihoods) <= max_iter and not _ended(likelihoods, tol):
        state = _round(fit_class, fit_propensity, labelled, chances(*state, labelled))
        likelihoods.append(_log_likelihood(*state, labelled, counts))
    return SelectionBias(*state, chances(*state, labelled), np.array(likelihoods), _ended(likelihoods, tol))


def chances(positive_probs: Numbers, propensities: Numbers, labelled: Mask) -> Numbers:
    """Probability of each row to be positive, given whether it is labelled: the expectation step.

    Parameters
    ----------
    positive_probs : (n,) float from 0 to 1
        f = p(y = 1 | x).
    propensities : (n,) float from 0 to 1
        e = p(s = 1 | y = 1, x).
    labelled : (n,) bool

    Returns
    -------
    (n,) float in [0, 1]
        1 for labelled rows; f (1 - e) / (1 - f e) for the others, kept a hair away from 0 and 1.

    Source
    ------
    Bekker, Robberechts, Davis (2019), ECML PKDD, section 4.3.

    Examples
    --------
    >>> chances(np.array([0.5, 0.5]), np.array([0.5, 0.5]), np.array([True, False])).round(3)
    array([1.   , 0.333])
    """
    f, e = (np.clip(one, _LEAST, 1 - _LEAST) for one in (positive_probs, propensities))
    return np.where(labelled, 1.0, np.clip(f * (1 - e) / (1 - f * e), _LEAST, 1 - _LEAST))


def _first(
    fit_class: FitWeighted, fit_propensity: FitWeighted, labelled: Mask, counts: Numbers
) -> tuple[Numbers, Numbers]:
    """f of labelled against unlabelled rows, as if both were equally many; e of what f calls positive."""
    everyone, codes = np.arange(len(labelled)), labelled.astype(np.int64)
    share = float(np.average(labelled, weights=counts))
    f = fit_class(everyone, codes, np.where(labelled, 1 - share, share))
    likely = np.where(labelled, 1.0, np.clip(f, _LEAST, 1 - _LEAST))
    return f, fit_propensity(everyone, codes, likely)


def _round(
    fit_class: FitWeighted, fit_propensity: FitWeighted, labelled: Mask, likely: Numbers
) -> tuple[Numbers, Numbers]:
    """The maximisation step."""
    made = weighted_rows(labelled, likely)
    f = fit_class(made.rows, made.targets, made.row_weights)
    return f, fit_propensity(np.arange(len(labelled)), labelled.astype(np.int64), likely)


def _log_likelihood(f: Numbers, e: Numbers, labelled: Mask, counts: Numbers) -> float:
    label_probs = np.clip(f * e, _LEAST, 1 - _LEAST)
    return float(np.average(np.log(np.where(labelled, label_probs, 1 - label_probs)), weights=counts))


def _ended(likelihoods: list[float], tol: float) -> bool:
    return len(likelihoods) > WINDOW and likelihoods[-1] - likelihoods[-1 - WINDOW] < tol
