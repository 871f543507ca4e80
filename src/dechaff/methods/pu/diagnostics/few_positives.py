"""Too few labelled rows to estimate anything."""

from __future__ import annotations

from dechaff.methods.pu.binned_scores import BinnedScores
from dechaff.methods.pu.diagnostics.diagnosis import Diagnosis

FEWEST = 60
"""Below, the estimators of c go astray and the bootstrap, which knows the same few rows, does not warn of it."""


def few_positives(binned: BinnedScores) -> Diagnosis:
    """Whether fewer rows are labelled than estimates of c need.

    Examples
    --------
    >>> import numpy as np
    >>> few_positives(BinnedScores(np.array([0.4, 0.1]), np.array([10.0, 2.0]), np.array([9.0, 90.0]))).wrong
    True
    """
    n, name = binned.n_labelled, "few positives"
    if n >= FEWEST:
        return Diagnosis(name, False, n, f"{n:.0f} rows are labelled, which is enough to estimate c.")
    says = f"Only {n:.0f} rows are labelled: c and the class prior may be far off, more than their intervals say."
    return Diagnosis(name, True, n, says, f"Label at least {FEWEST} positives, or hand in c where it is known.")
