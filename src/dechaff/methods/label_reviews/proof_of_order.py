"""Whether reviews prove that a correction holds for the rows below: bets on each block, by the reviews above it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from dechaff.methods.label_reviews.offset_logistic import Matrix, fit_offset_logistic, log_likelihood
from dechaff.typing import Numbers

_FIRST = 20
"""Reviews before the first bet."""
_BLOCKS = 10
PROOF = math.log(20)
"""Under the first candidate this wealth is reached with a chance of one in twenty, however often one looks."""


def log_wealth(designs: Sequence[tuple[Matrix, Matrix]], offset: Numbers, truth: Numbers) -> float:
    """Logarithm of what bets on all candidates but the first have won against the first.

    The reviews are taken from the highest score to the lowest. Each candidate is fitted to the reviews so far, and
    foretells the next block of them. So a correction has to hold where it is used: below the rows that taught it. The
    candidates begin with equal fractions of the wealth, and each share is multiplied by the ratio of the likelihoods.

    Parameters
    ----------
    designs : columns (r, p) and ridge (p,) of each candidate.
    offset : (r,) float
        Log-odds without any correction.
    truth : (r,) float, 0 or 1

    Returns
    -------
    float
        0, which is no proof, before there are reviews enough for a bet.

    Source
    ------
    Shafer (2021), JRSS A 184, Testing by betting; Dawid (1984), JRSS A 147, for forecasts in turn.

    Examples
    --------
    Rows of one class are wrong, those of the other right, whatever the score says:

    >>> mark = np.arange(100) % 2.0
    >>> line, marks = np.ones((100, 1)), np.stack([np.ones(100), mark], axis=1)
    >>> designs = [(line, np.ones(1)), (marks, np.ones(2))]
    >>> log_wealth(designs, np.linspace(2, -2, 100), mark) > PROOF
    True
    >>> log_wealth(designs, np.linspace(2, -2, 100), (np.linspace(2, -2, 100) > 0) * 1.0) > PROOF
    False
    """
    order = np.argsort(-offset, kind="stable")
    offset, truth = offset[order], truth[order]
    bounds = np.unique(np.linspace(min(_FIRST, len(truth)), len(truth), _BLOCKS + 1).astype(np.int64)).tolist()
    won = []
    for columns, ridge in designs:
        ordered, fit, total = columns[order], None, 0.0
        for begin, end in pairwise(bounds):
            fit = fit_offset_logistic(ordered[:begin], offset[:begin], truth[:begin], ridge, start=fit)
            foretold = offset[begin:end] + ordered[begin:end] @ fit
            total += float(log_likelihood(foretold, truth[begin:end]).sum())
        won.append(total)
    return float(np.logaddexp.reduce(won[1:])) - math.log(len(won) - 1) - won[0]
