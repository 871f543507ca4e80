"""What a diagnostic answers: whether something is wrong, the figure behind it, what it means and what to do."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Diagnosis:
    """One possible trouble, found or not.

    Examples
    --------
    >>> print(Diagnosis("few positives", True, 12.0, "Only 12 rows are labelled.", "Label at least 60."))
    few positives: Only 12 rows are labelled. Label at least 60.
    """

    name: str
    """Of the trouble; the same whether it is there or not."""
    wrong: bool
    """Whether it is there."""
    figure: float
    """The number that decided; NaN where nothing could be looked at."""
    says: str
    """What was found and what it means, with the numbers in it."""
    do: str = ""
    """What to do about it; empty where there is nothing to do."""

    @property
    def checked(self) -> bool:
        """Whether it could be looked at."""
        return not math.isnan(self.figure)

    def __str__(self) -> str:
        return f"{self.name}: {self.says} {self.do}".rstrip()


def not_checked(name: str, why: str) -> Diagnosis:
    """Neither found nor ruled out.

    Examples
    --------
    >>> not_checked("selection not at random", "the features are texts").says
    'Not checked: the features are texts.'
    """
    return Diagnosis(name, False, math.nan, f"Not checked: {why}.")
