"""Words that speak for one class against another, each with how surely it does."""

from __future__ import annotations

import numpy as np

from dechaff.checks import check_same_length
from dechaff.typing import Numbers

PRIOR_WORDS = 500.0
"""Weight of the words of all classes together, as a number of such words seen in each class."""


def telling_words(first: Numbers, second: Numbers, whole: Numbers) -> Numbers:
    """How surely each word is more frequent in the first class than in the second: a z-score of its log-odds.

    Rare words are drawn to the frequencies of all classes together, so that one occurrence tells little; words that
    are frequent everywhere have a score near 0 whatever their counts.

    Parameters
    ----------
    first, second : (v,) float
        Occurrences of each word in the texts of the two classes.
    whole : (v,) float
        Those in all texts; above 0.

    Returns
    -------
    (v,) float
        Above 1.96: for the first class, at 95 %; below -1.96: for the second.

    Raises
    ------
    InputError
        If the lengths differ.

    Source
    ------
    Monroe, Colaresi, Quinn (2008), Political Analysis 16, Fightin' Words, equations 15, 16, 19 and 22.

    Examples
    --------
    >>> counts = np.array([30.0, 2.0, 90.0]), np.array([2.0, 30.0, 90.0])
    >>> telling_words(*counts, whole=counts[0] + counts[1]).round(1)
    array([ 2.5, -2.5,  0. ])
    """
    check_same_length(first=first, second=second, whole=whole)
    if not len(whole):
        return np.zeros(0)
    prior = PRIOR_WORDS * whole / whole.sum()
    one, other = first + prior, second + prior
    odds = np.log(one / np.maximum(one.sum() - one, 1e-12)) - np.log(other / np.maximum(other.sum() - other, 1e-12))
    return np.asarray(odds / np.sqrt(1 / one + 1 / other))
