"""Errors among the labelled positives, in words."""

from __future__ import annotations

from dechaff.methods.pu.diagnostics.diagnosis import Diagnosis
from dechaff.methods.pu.diagnostics.positive_errors import PositiveErrors

LEAST_RATE = 0.02
SURE_RATE = 0.005
"""What the low end of the interval must exceed."""


def wrong_positives(found: PositiveErrors) -> Diagnosis:
    """Whether some labelled rows are negative, against the assumption that no label is wrong.

    Examples
    --------
    >>> import numpy as np
    >>> print(wrong_positives(PositiveErrors(0.001, 0.0, 0.01, np.zeros(3))))
    errors among positives: About 0.1 % of the labelled rows look negative (95 % interval 0.0 to 1.0 %).
    """
    name, figures = "errors among positives", [100 * one for one in (found.rate, found.low, found.high)]
    says = "About {:.1f} % of the labelled rows look negative (95 % interval {:.1f} to {:.1f} %).".format(*figures)
    if found.rate < LEAST_RATE or found.low < SURE_RATE:
        return Diagnosis(name, False, found.rate, says)
    says += " Each makes e1 smaller and every negative like it look positive."
    do = "Look at the labelled rows of the highest score of positive_errors() first, and take the wrong labels back."
    return Diagnosis(name, True, found.rate, says, do)
