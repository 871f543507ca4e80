"""The sampling scheme decides the relation between c and the class prior.

Single training set: one sample, from which some positives were labelled; the unlabelled rows are what is left, so
they are poorer in positives than the population. Case-control: the labelled positives and the unlabelled rows are
two samples, and the unlabelled one is the population; c then depends on how large the samples were made.
"""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_same_length
from dechaff.errors import InputError
from dechaff.typing import Numbers

Scheme = Literal["single-training-set", "case-control"]


def class_prior(c: float, n_labelled: float, n_unlabelled: float, scheme: Scheme = "single-training-set") -> float:
    """Fraction of positives in the population that the rows were drawn from.

    Parameters
    ----------
    c : float in (0, 1]
        Probability that a positive row of the training data is labelled, p(s = 1 | y = 1).
    n_labelled, n_unlabelled : float, above 0
        Rows of either kind (sums of weights).
    scheme : "single-training-set" or "case-control"

    Returns
    -------
    float in [0, 1]
        (n_labelled / n) / c where one sample was labelled in part; the fraction of the unlabelled rows where these
        are a sample of their own. At most 1.

    Raises
    ------
    InputError
        If c is outside (0, 1], a count is not positive, or the scheme is unknown.

    Source
    ------
    Elkan, Noto (2008), KDD, section 2; Bekker, Davis (2020), Machine Learning 109, section 2.3, for both schemes.

    Examples
    --------
    >>> class_prior(0.5, 100, 900)
    0.2
    >>> round(class_prior(0.5, 100, 900, "case-control"), 3)
    0.111
    """
    check_scheme(scheme)
    if scheme == "case-control":
        return unlabelled_fraction(c, n_labelled, n_unlabelled)
    _check(c, n_labelled, n_unlabelled)
    return min(n_labelled / (n_labelled + n_unlabelled) / c, 1.0)


def unlabelled_fraction(c: float, n_labelled: float, n_unlabelled: float) -> float:
    """Fraction of positives among the unlabelled rows, alpha: of n_labelled / c positives, c are labelled.

    Raises
    ------
    InputError
        If c is outside (0, 1], or a count is not positive.

    Examples
    --------
    >>> unlabelled_fraction(0.5, 100, 400)
    0.25
    """
    _check(c, n_labelled, n_unlabelled)
    return min(n_labelled * (1 - c) / (c * n_unlabelled), 1.0)


def c_of_fraction(alpha: float, n_labelled: float, n_unlabelled: float) -> float:
    """Probability that a positive is labelled, from the fraction alpha of positives among the unlabelled rows.

    Raises
    ------
    InputError
        If alpha is outside [0, 1], or a count is not positive.

    Examples
    --------
    >>> c_of_fraction(0.25, 100, 400)
    0.5
    """
    if not 0 <= alpha <= 1:
        raise InputError("alpha", "be a fraction from 0 to 1", str(alpha), "Pass that of the unlabelled rows.")
    _check(1.0, n_labelled, n_unlabelled)
    return n_labelled / (n_labelled + alpha * n_unlabelled)


def row_counts(weights: Numbers | None, **per_row: npt.NDArray[Any]) -> Numbers:
    """How often each row counts, once if there are no weights; an InputError if lengths differ."""
    if weights is None:
        check_same_length(**per_row)
        return np.ones(len(next(iter(per_row.values()))))
    counts = np.asarray(weights, dtype=np.float64)
    check_same_length(**per_row, weights=counts)
    return counts


def check_scheme(scheme: str) -> None:
    """An InputError if there is no such scheme."""
    if scheme not in get_args(Scheme):
        known = " or ".join(f'"{one}"' for one in get_args(Scheme))
        raise InputError("scheme", f"be {known}", repr(scheme), "Pass how the unlabelled rows were sampled.")


def check_c(c: float) -> None:
    """An InputError if c is outside (0, 1]."""
    if not 0 < c <= 1:
        raise InputError(
            "c", "be above 0 and at most 1", str(c), "Estimate it by a function of dechaff.methods.pu.class_prior."
        )


def check_both_kinds(n_labelled: float, n_unlabelled: float) -> None:
    """An InputError if no row is labelled, or none is unlabelled."""
    if not (n_labelled > 0 and n_unlabelled > 0):
        found = f"{n_labelled:g} labelled and {n_unlabelled:g} unlabelled"
        raise InputError(
            "the rows", "be of both kinds", found, "Pass labelled positives and unlabelled rows, in every fold."
        )


def _check(c: float, n_labelled: float, n_unlabelled: float) -> None:
    check_c(c)
    check_both_kinds(n_labelled, n_unlabelled)
